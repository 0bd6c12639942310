SELECT no, party FROM contracts ORDER BY 1
