"""How much anybody may send us as a file."""

from django.core.files.uploadhandler import FileUploadHandler, StopUpload

LARGEST_BYTES = 100 * 1024 * 1024
TOO_LARGE = "The file is larger than 100 MB, the most that is taken at once. Split it and send the parts one by one."


class Limited(FileUploadHandler):
    """The first handler of each upload: beyond the limit nothing more is kept, and the request knows why."""

    def __init__(self, request=None) -> None:
        super().__init__(request)
        self._bytes = 0

    def receive_data_chunk(self, raw_data, start):
        self._bytes += len(raw_data)
        if self._bytes > LARGEST_BYTES:
            self.request.upload_too_large = True
            # The rest is read and thrown away: a browser shows an answer only when it could send everything.
            raise StopUpload(connection_reset=False)
        return raw_data

    def file_complete(self, file_size):
        return None


def too_large(request) -> bool:
    """Whether a file of this request was larger than anybody may send."""
    return getattr(request, "upload_too_large", False)
