SELECT seat, who FROM seats ORDER BY seat
