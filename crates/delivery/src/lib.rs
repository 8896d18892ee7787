//! Lanes, claims, attempts, retry schedules, rate limits, breakers, fairness
