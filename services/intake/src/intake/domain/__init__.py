"""What a call is: facts that witnesses told, and the one story they fold into."""
