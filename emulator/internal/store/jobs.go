package store

import "time"

// What a job's status can be.
const (
	Pending    = "Pending"
	InProgress = "InProgress"
	Success    = "Success"
	Failed     = "Failed"
	Cancelled  = "Cancelled"
)

// Job is work that the server does on its own.
type Job struct {
	Seq                                  int64
	ID                                   string
	Site, User                           int64
	Type                                 string // as a single job shows it: "PublishWorkbook"
	JobType                              string // as lists show it: "publish_workbook"
	Status                               string
	Title, Subtitle                      string
	Priority                             int64
	Progress                             int64 // percent
	Notes                                string
	Request                              string // what to do, as the one who runs it understands it
	Blob                                 string // content that must stay until the job has ended
	WorkbookID, DataSourceID             string // what it works on, or has published
	Created, Updated, Started, Completed time.Time
}

var jobs = list[Job]{
	columns: `j.seq, j.id, j.site, j.user, j.type, j.job_type, j.status, j.title, j.subtitle, j.priority, j.progress, j.notes, j.request,
		j.blob, j.workbook_id, j.datasource_id, j.created, j.updated, j.started, j.completed`,
	from:  "jobs j",
	order: "j.seq",
	fields: map[string]field{
		"jobType":     {column: "j.job_type", only: "eq in"},
		"status":      {column: "j.status", only: "eq"},
		"title":       {column: "j.title", only: "has eq"},
		"subtitle":    {column: "j.subtitle", only: "has eq"},
		"notes":       {column: "j.notes", only: "has"},
		"args":        {column: "j.request", only: "has"},
		"priority":    {column: "j.priority", kind: number},
		"progress":    {column: "j.progress", kind: number},
		"createdAt":   {column: "j.created", kind: moment},
		"startedAt":   {column: "j.started", kind: moment},
		"completedAt": {column: "j.completed", kind: moment},
	},
	scan: func(row scanner) (j Job, err error) {
		err = row.Scan(&j.Seq, &j.ID, &j.Site, &j.User, &j.Type, &j.JobType, &j.Status, &j.Title, &j.Subtitle, &j.Priority, &j.Progress,
			&j.Notes, &j.Request, &j.Blob, &j.WorkbookID, &j.DataSourceID, timeColumn{&j.Created}, timeColumn{&j.Updated}, timeColumn{&j.Started},
			timeColumn{&j.Completed})
		return j, err
	},
}

// Jobs lists the jobs of a site; with user those that one user has started.
func (tx *Tx) Jobs(site, user int64, q Query) ([]Job, int64, error) {
	return jobs.page(tx, where{"j.site = ?1 AND (?2 = 0 OR j.user = ?2)", []any{site, user}}, q)
}

// Job returns a job of a site.
func (tx *Tx) Job(site int64, id string) (Job, error) {
	return jobs.one(tx, "j.site = ? AND j.id = ?", site, id)
}

// JobBySeq returns a job.
func (tx *Tx) JobBySeq(seq int64) (Job, error) { return jobs.one(tx, "j.seq = ?", seq) }

// NextJobs returns for each site where no job runs the job that comes next: that of the lowest priority number, of these the
// one that has waited longest.
func (tx *Tx) NextJobs() ([]Job, error) {
	free, err := query(tx, func(row scanner) (site int64, err error) {
		err = row.Scan(&site)
		return site, err
	}, `SELECT s.seq FROM sites s WHERE EXISTS (SELECT 1 FROM jobs WHERE site = s.seq AND status = ?)
		AND NOT EXISTS (SELECT 1 FROM jobs WHERE site = s.seq AND status = ?) ORDER BY s.seq`, Pending, InProgress)
	if err != nil {
		return nil, err
	}
	next := make([]Job, len(free))
	for i, site := range free {
		if next[i], err = jobs.one(tx, "j.site = ? AND j.status = ? ORDER BY j.priority, j.seq LIMIT 1", site, Pending); err != nil {
			return nil, err
		}
	}
	return next, nil
}

// JobOwner returns who started a job and where.
func (tx *Tx) JobOwner(j Job) (User, error) { return users.one(tx, "u.seq = ?", j.User) }

// AddJob adds a job and sets its Seq.
func (tx *Tx) AddJob(j *Job) (err error) {
	j.Seq, err = tx.insert(`INSERT INTO jobs (id, site, user, type, job_type, status, title, subtitle, priority, request, blob,
		workbook_id, datasource_id, created, updated) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`, j.ID, j.Site, j.User, j.Type,
		j.JobType, j.Status, j.Title, j.Subtitle, j.Priority, j.Request, j.Blob, j.WorkbookID, j.DataSourceID, seconds(j.Created),
		seconds(j.Updated))
	return err
}

// UpdateJob writes how a job stands.
func (tx *Tx) UpdateJob(j Job) error {
	_, err := tx.exec(`UPDATE jobs SET status = ?, progress = ?, notes = ?, blob = ?, workbook_id = ?, datasource_id = ?, updated = ?, started = ?,
		completed = ?
		WHERE seq = ?`, j.Status, j.Progress, j.Notes, j.Blob, j.WorkbookID, j.DataSourceID, seconds(j.Updated), seconds(j.Started),
		seconds(j.Completed), j.Seq)
	return err
}

// HasOpenJob reports whether a job of one of these types waits or runs for a workbook or a data source of a site.
func (tx *Tx) HasOpenJob(site int64, workbookID, dataSourceID string, jobTypes ...string) (has bool, err error) {
	args := []any{site, workbookID, dataSourceID, Pending, InProgress}
	for _, one := range jobTypes {
		args = append(args, one)
	}
	err = tx.queryRow(`SELECT EXISTS (SELECT 1 FROM jobs WHERE site = ? AND workbook_id = ? AND datasource_id = ? AND status IN (?, ?)
		AND job_type IN (`+marks(len(jobTypes))+"))", args...).Scan(&has)
	return has, err
}

// RestartJobs makes jobs wait again that were running when the server stopped.
func (tx *Tx) RestartJobs() error {
	_, err := tx.exec("UPDATE jobs SET status = ?, started = 0, progress = 0 WHERE status = ?", Pending, InProgress)
	return err
}
