"""What dispatch does: follow tickets and agencies, meet deadlines, do what people ask."""
