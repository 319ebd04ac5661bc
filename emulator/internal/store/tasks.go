package store

// ExtractRefresh is a task: it refreshes the extracts of a workbook or of a data source when its schedule says so.
type ExtractRefresh struct {
	Seq, Site                int64
	ID                       string
	WorkbookID, DataSourceID string // one of them is ""
	Name                     string // of the workbook or the data source
	Owner                    int64  // of the workbook or the data source
	Incremental              bool
	Failures                 int64 // since it has last succeeded
	Schedule                 Schedule
}

var extractRefreshes = list[ExtractRefresh]{
	columns: `t.seq, t.site, t.id, coalesce(w.id, ''), coalesce(d.id, ''), coalesce(w.name, d.name), coalesce(w.owner, d.owner),
		t.incremental, t.failures, ` + schedules.columns,
	from: `extract_refreshes t JOIN schedules s ON s.seq = t.schedule
		LEFT JOIN workbooks w ON w.seq = t.workbook LEFT JOIN datasources d ON d.seq = t.datasource`,
	order: "t.seq",
	scan: func(row scanner) (t ExtractRefresh, err error) {
		t.Schedule, err = schedules.scan(prefixed{row, []any{&t.Seq, &t.Site, &t.ID, &t.WorkbookID, &t.DataSourceID, &t.Name, &t.Owner,
			&t.Incremental, &t.Failures}})
		return t, err
	},
}

// ExtractRefreshes lists the extract refresh tasks of a site; with schedule those of one schedule, with owner those of
// one user's content.
func (tx *Tx) ExtractRefreshes(site, schedule, owner int64, q Query) ([]ExtractRefresh, int64, error) {
	return extractRefreshes.page(tx, where{"t.site = ?1 AND (?2 = 0 OR t.schedule = ?2) AND (?3 = 0 OR coalesce(w.owner, d.owner) = ?3)",
		[]any{site, schedule, owner}}, q)
}

// maxFailures is how often a task fails in a row until its schedule leaves it out.
const maxFailures = 5

// RefreshesDue returns what a schedule refreshes, on all sites that are active, save for tasks that fail again and again.
func (tx *Tx) RefreshesDue(schedule int64) ([]ExtractRefresh, error) {
	due, _, err := extractRefreshes.page(tx, where{"t.schedule = ? AND t.failures < ? AND (SELECT state FROM sites WHERE seq = t.site) = 'Active'",
		[]any{schedule, maxFailures}}, Query{})
	return due, err
}

// ExtractRefresh returns an extract refresh task of a site.
func (tx *Tx) ExtractRefresh(site int64, id string) (ExtractRefresh, error) {
	return extractRefreshes.one(tx, "t.site = ? AND t.id = ?", site, id)
}

// AddExtractRefresh adds the workbook or the data source with this seq, the other being 0, to a schedule and returns the
// task. One that is there already stays, with its id.
func (tx *Tx) AddExtractRefresh(t ExtractRefresh, workbook, dataSource int64) (ExtractRefresh, error) {
	if _, err := tx.exec(`INSERT INTO extract_refreshes (id, site, schedule, workbook, datasource, incremental) VALUES (?, ?, ?, ?, ?, ?)
		ON CONFLICT DO NOTHING`, t.ID, t.Site, t.Schedule.Seq, orNull(workbook), orNull(dataSource), t.Incremental); err != nil {
		return t, err
	}
	return extractRefreshes.one(tx, "t.schedule = ? AND (t.workbook = ? OR t.datasource = ?)", t.Schedule.Seq, workbook, dataSource)
}

// SetRefreshed makes a task refresh the workbook or the data source with this seq, the other being 0.
func (tx *Tx) SetRefreshed(task, workbook, dataSource int64) error {
	_, err := tx.exec("UPDATE extract_refreshes SET workbook = ?, datasource = ? WHERE seq = ?", orNull(workbook), orNull(dataSource), task)
	return err
}

// SetIncremental sets whether a task refreshes incrementally.
func (tx *Tx) SetIncremental(task int64, incremental bool) error {
	_, err := tx.exec("UPDATE extract_refreshes SET incremental = ? WHERE seq = ?", incremental, task)
	return err
}

// CountRefresh notes that a task has run: it counts the failures in a row.
func (tx *Tx) CountRefresh(seq int64, failed bool) error {
	_, err := tx.exec("UPDATE extract_refreshes SET failures = CASE WHEN ? THEN failures + 1 ELSE 0 END WHERE seq = ?", failed, seq)
	return err
}

// DeleteExtractRefresh deletes a task.
func (tx *Tx) DeleteExtractRefresh(seq int64) error {
	_, err := tx.exec("DELETE FROM extract_refreshes WHERE seq = ?", seq)
	return err
}
