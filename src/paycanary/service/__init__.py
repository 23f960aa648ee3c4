"""What every network door shares: settings, the warmed market, cached answers, rate limits."""
