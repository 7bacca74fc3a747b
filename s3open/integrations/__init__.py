"""s3open by the names of other libraries; each is imported when it is asked for."""
