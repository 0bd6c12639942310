SELECT visit, secs FROM visits ORDER BY 1, 2
