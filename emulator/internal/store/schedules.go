package store

import (
	"encoding/json"
	"time"
)

// Schedule says when what is added to it runs. It belongs to the server, or to one task or subscription of a site.
type Schedule struct {
	Seq              int64
	Site             int64 // 0: it is one of the server's
	ID               string
	Name             string
	Type             string // "Extract", "Subscription" and so on
	State            string // "Active" or "Suspended"
	Priority         int64  // 1 to 100, 1 first
	ExecutionOrder   string // "Parallel" or "Serial"
	Frequency        string // "Hourly", "Daily", "Weekly" or "Monthly"
	Start, End       string // times of day as 15:04:05, in Zone; End is "" where there is none
	Zone             string // time zone of the site; "" is UTC, as are those of the server
	Intervals        []Interval
	Created, Updated time.Time
}

// Interval is one rule of a schedule: a pause, a day of the week, or a day of the month. With both days it is a day such as
// the first Monday of the month.
type Interval struct {
	Hours, Minutes    int64
	WeekDay, MonthDay string
}

var schedules = list[Schedule]{
	columns: `s.seq, coalesce(s.site, 0), s.id, s.name, s.type, s.state, s.priority, s.execution_order, s.frequency, s.start_time, s.end_time,
		coalesce((SELECT json_extract(z.settings, '$.timeZone') FROM sites z
			WHERE z.seq = s.site AND coalesce(json_extract(z.settings, '$.useDefaultTimeZone'), '') <> 'true'), ''),
		s.intervals, s.created, s.updated`,
	from:  "schedules s",
	order: "s.seq",
	scan: func(row scanner) (s Schedule, err error) {
		var intervals []byte
		err = row.Scan(&s.Seq, &s.Site, &s.ID, &s.Name, &s.Type, &s.State, &s.Priority, &s.ExecutionOrder, &s.Frequency, &s.Start, &s.End,
			&s.Zone, &intervals, timeColumn{&s.Created}, timeColumn{&s.Updated})
		if err == nil {
			err = json.Unmarshal(intervals, &s.Intervals)
		}
		return s, err
	},
}

// Schedules lists the schedules of the server.
func (tx *Tx) Schedules(q Query) ([]Schedule, int64, error) {
	return schedules.page(tx, where{"s.site IS NULL", nil}, q)
}

// BusySchedules returns the active schedules that have something to run, those of the lowest priority number first.
func (tx *Tx) BusySchedules() ([]Schedule, error) {
	return query(tx, schedules.scan, "SELECT "+schedules.columns+` FROM schedules s WHERE s.state = 'Active'
		AND (EXISTS (SELECT 1 FROM extract_refreshes WHERE schedule = s.seq) OR EXISTS (SELECT 1 FROM subscriptions WHERE schedule = s.seq))
		ORDER BY s.priority, s.seq`)
}

// Schedule returns a schedule of the server.
func (tx *Tx) Schedule(id string) (Schedule, error) {
	return schedules.one(tx, "s.id = ? AND s.site IS NULL", id)
}

// ScheduleNamed returns the schedule of the server with this name, in any case.
func (tx *Tx) ScheduleNamed(name string) (Schedule, error) {
	return schedules.one(tx, "s.name = ? AND s.site IS NULL", name)
}

// AddSchedule adds a schedule and sets its Seq, and the Zone of one that belongs to a site.
func (tx *Tx) AddSchedule(s *Schedule) error {
	intervals, err := json.Marshal(s.Intervals)
	if err != nil {
		return err
	}
	s.Seq, err = tx.insert(`INSERT INTO schedules (site, id, name, type, state, priority, execution_order, frequency, start_time, end_time,
		intervals, created, updated) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`, orNull(s.Site), s.ID, s.Name, s.Type, s.State, s.Priority,
		s.ExecutionOrder, s.Frequency, s.Start, s.End, string(intervals), seconds(s.Created), seconds(s.Updated))
	if err == nil {
		*s, err = schedules.one(tx, "s.seq = ?", s.Seq)
	}
	return err
}

// UpdateSchedule writes what can change of a schedule.
func (tx *Tx) UpdateSchedule(s Schedule) error {
	intervals, err := json.Marshal(s.Intervals)
	if err != nil {
		return err
	}
	_, err = tx.exec(`UPDATE schedules SET name = ?, state = ?, priority = ?, execution_order = ?, frequency = ?, start_time = ?,
		end_time = ?, intervals = ?, updated = ? WHERE seq = ?`, s.Name, s.State, s.Priority, s.ExecutionOrder, s.Frequency, s.Start,
		s.End, string(intervals), seconds(s.Updated), s.Seq)
	return err
}

// DeleteSchedule deletes a schedule with everything that it runs, on every site.
func (tx *Tx) DeleteSchedule(seq int64) error {
	_, err := tx.exec("DELETE FROM schedules WHERE seq = ?", seq)
	return err
}
