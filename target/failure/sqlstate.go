package failure

// TooManyConnections is the SQLSTATE of a server that takes no further connection.
const TooManyConnections = "53300"

// LockNotAvailable is the SQLSTATE of a wait that lock_timeout has ended.
const LockNotAvailable = "55P03"
