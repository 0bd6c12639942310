package failure

// TooManyConnections is the SQLSTATE of a server that takes no further connection.
const TooManyConnections = "53300"

// NullNotAllowed is the SQLSTATE of a NULL that no column is named for, as that by which Citus distributes a table.
const NullNotAllowed = "22004"

// LockNotAvailable is the SQLSTATE of a wait that lock_timeout has ended.
const LockNotAvailable = "55P03"
