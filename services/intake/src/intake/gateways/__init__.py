"""What touches the machine: the spool on disk, the files that are followed, the tenants' trunks."""
