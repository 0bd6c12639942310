SELECT line, reason FROM _singular_rejected
