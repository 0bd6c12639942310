SELECT stream, line, reason FROM {{schema}}._singular_rejected
