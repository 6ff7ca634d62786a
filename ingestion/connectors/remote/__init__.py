"""Files in a folder elsewhere: an S3-compatible store or an SFTP server. See README.md."""

from ingestion.connectors.remote.pull import pending

__all__ = ["pending"]
