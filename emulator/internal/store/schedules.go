package store

import (
	"encoding/json"
	"time"
)

// Schedule says when what is added to it runs. It belongs to the server, not to a site.
type Schedule struct {
	Seq              int64
	ID               string
	Name             string
	Type             string // "Extract", "Subscription" and so on
	State            string // "Active" or "Suspended"
	Priority         int64  // 1 to 100, 1 first
	ExecutionOrder   string // "Parallel" or "Serial"
	Frequency        string // "Hourly", "Daily", "Weekly" or "Monthly"
	Start, End       string // times of day as 15:04:05, in UTC; End is "" where there is none
	Intervals        []Interval
	Created, Updated time.Time
}

// Interval is one rule of a schedule: a pause, a day of the week, or a day of the month.
type Interval struct {
	Hours, Minutes    int64
	WeekDay, MonthDay string
}

var schedules = list[Schedule]{
	columns: `s.seq, s.id, s.name, s.type, s.state, s.priority, s.execution_order, s.frequency, s.start_time, s.end_time, s.intervals,
		s.created, s.updated`,
	from:  "schedules s",
	order: "s.seq",
	scan: func(row scanner) (s Schedule, err error) {
		var intervals []byte
		err = row.Scan(&s.Seq, &s.ID, &s.Name, &s.Type, &s.State, &s.Priority, &s.ExecutionOrder, &s.Frequency, &s.Start, &s.End,
			&intervals, timeColumn{&s.Created}, timeColumn{&s.Updated})
		if err == nil {
			err = json.Unmarshal(intervals, &s.Intervals)
		}
		return s, err
	},
}

// Schedules lists the schedules of the server.
func (tx *Tx) Schedules(q Query) ([]Schedule, int64, error) {
	return schedules.page(tx, where{"1", nil}, q)
}

// Schedule returns a schedule.
func (tx *Tx) Schedule(id string) (Schedule, error) { return schedules.one(tx, "s.id = ?", id) }

// ScheduleNamed returns the schedule with this name, in any case.
func (tx *Tx) ScheduleNamed(name string) (Schedule, error) {
	return schedules.one(tx, "s.name = ?", name)
}

// AddSchedule adds a schedule and sets its Seq.
func (tx *Tx) AddSchedule(s *Schedule) error {
	intervals, err := json.Marshal(s.Intervals)
	if err != nil {
		return err
	}
	s.Seq, err = tx.insert(`INSERT INTO schedules (id, name, type, state, priority, execution_order, frequency, start_time, end_time,
		intervals, created, updated) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`, s.ID, s.Name, s.Type, s.State, s.Priority,
		s.ExecutionOrder, s.Frequency, s.Start, s.End, string(intervals), seconds(s.Created), seconds(s.Updated))
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
