SELECT count(*) FROM visits
