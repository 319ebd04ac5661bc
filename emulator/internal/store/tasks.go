package store

// ExtractRefresh is a task: it refreshes the extracts of a workbook when its schedule says so.
type ExtractRefresh struct {
	Seq      int64
	ID       string
	Workbook Workbook // Seq, ID, Name and the owner's Seq
	Schedule Schedule
}

var extractRefreshes = list[ExtractRefresh]{
	columns: "t.seq, t.id, w.seq, w.id, w.name, w.owner, " + schedules.columns,
	from:    "extract_refreshes t JOIN workbooks w ON w.seq = t.workbook JOIN schedules s ON s.seq = t.schedule",
	order:   "t.seq",
	scan: func(row scanner) (t ExtractRefresh, err error) {
		t.Schedule, err = schedules.scan(prefixed{row, []any{&t.Seq, &t.ID, &t.Workbook.Seq, &t.Workbook.ID,
			&t.Workbook.Name, &t.Workbook.Owner.Seq}})
		return t, err
	},
}

// ExtractRefreshes lists the extract refresh tasks of a site; with schedule those of one schedule, with owner those of
// one user's workbooks.
func (tx *Tx) ExtractRefreshes(site, schedule, owner int64, q Query) ([]ExtractRefresh, int64, error) {
	return extractRefreshes.page(tx, where{"t.site = ?1 AND (?2 = 0 OR t.schedule = ?2) AND (?3 = 0 OR w.owner = ?3)",
		[]any{site, schedule, owner}}, q)
}

// ExtractRefresh returns an extract refresh task of a site.
func (tx *Tx) ExtractRefresh(site int64, id string) (ExtractRefresh, error) {
	return extractRefreshes.one(tx, "t.site = ? AND t.id = ?", site, id)
}

// AddExtractRefresh adds a workbook to a schedule and returns the task. The one that is there already stays, with its id.
func (tx *Tx) AddExtractRefresh(site int64, id string, schedule, workbook int64) (ExtractRefresh, error) {
	if _, err := tx.exec(`INSERT INTO extract_refreshes (id, site, schedule, workbook) VALUES (?, ?, ?, ?)
		ON CONFLICT (schedule, workbook) DO NOTHING`, id, site, schedule, workbook); err != nil {
		return ExtractRefresh{}, err
	}
	return extractRefreshes.one(tx, "t.schedule = ? AND t.workbook = ?", schedule, workbook)
}

// DeleteExtractRefresh deletes a task.
func (tx *Tx) DeleteExtractRefresh(seq int64) error {
	_, err := tx.exec("DELETE FROM extract_refreshes WHERE seq = ?", seq)
	return err
}

// HasOpenJob reports whether a job of this type with this request waits or runs on a site.
func (tx *Tx) HasOpenJob(site int64, jobType, request string) (has bool, err error) {
	err = tx.queryRow("SELECT EXISTS (SELECT 1 FROM jobs WHERE site = ? AND type = ? AND request = ? AND status IN (?, ?))",
		site, jobType, request, Pending, InProgress).Scan(&has)
	return has, err
}
