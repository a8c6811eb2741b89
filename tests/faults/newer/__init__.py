"""Services as their next version might be, to run beside the present one."""
