"""What the roles of API 3.0 have in common."""

import re

from facegate.vendors.dialect import Refusal

FORM = re.compile(r"[A-Za-z][\w.]*", re.ASCII)  # of a code: words with points between them, and no numbers
PLACES = ("Result", "Error")
MAX_BYTES = 10 << 20  # of a TC3 request
TOO_LARGE = Refusal("RequestSizeLimitExceeded", "The request is larger than 10 MB.")
