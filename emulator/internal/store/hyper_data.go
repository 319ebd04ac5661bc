package store

import "time"

// JobsSince returns the jobs of a job type that were made on a site at a time or later, the oldest first.
func (tx *Tx) JobsSince(site int64, jobType string, since time.Time) ([]Job, error) {
	found, _, err := jobs.page(tx, where{"j.site = ? AND j.job_type = ? AND j.created >= ?", []any{site, jobType, seconds(since)}}, Query{})
	return found, err
}
