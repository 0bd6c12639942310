package connect

// checkKeyFile leaves a key file to the access rights of Windows, as libpq does.
func checkKeyFile(string, string) *Error { return nil }
