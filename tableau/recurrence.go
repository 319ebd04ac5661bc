package tableau

import (
	"cmp"
	"fmt"
	"slices"
	"strconv"
	"time"
)

// TimeOfDay is a time of day as "15:04:05", in the time zone of the server, on
// Tableau Cloud of the site. [ParseTimeOfDay] makes one of other spellings.
type TimeOfDay string

const timeOfDayLayout = "15:04:05"

// ParseTimeOfDay reads "6:30", "06:30" and "06:30:00". Errors:
// [ErrInvalidArgument].
func ParseTimeOfDay(text string) (TimeOfDay, error) {
	for _, layout := range []string{timeOfDayLayout, "15:04"} {
		if at, err := time.Parse(layout, text); err == nil {
			return TimeOfDay(at.Format(timeOfDayLayout)), nil
		}
	}
	return "", invalid(fmt.Sprintf("%q is no time of day: write it as 06:30 or 06:30:00", text))
}

// SinceMidnight is how long after midnight the time is. Errors:
// [ErrInvalidArgument] when it is not of the form 15:04:05.
func (t TimeOfDay) SinceMidnight() (time.Duration, error) {
	at, err := time.Parse(timeOfDayLayout, string(t))
	if err != nil || len(t) != len(timeOfDayLayout) {
		return 0, invalid(fmt.Sprintf("%q is no time of day of the form 15:04:05", string(t)))
	}
	return at.Sub(at.Truncate(24 * time.Hour)), nil
}

// Frequency is how often a schedule runs.
type Frequency string

// The frequencies that Tableau knows.
const (
	FrequencyHourly  Frequency = "Hourly"
	FrequencyDaily   Frequency = "Daily"
	FrequencyWeekly  Frequency = "Weekly"
	FrequencyMonthly Frequency = "Monthly"
)

// WeekDay is a day of the week.
type WeekDay string

// The days of the week.
const (
	Monday    WeekDay = "Monday"
	Tuesday   WeekDay = "Tuesday"
	Wednesday WeekDay = "Wednesday"
	Thursday  WeekDay = "Thursday"
	Friday    WeekDay = "Friday"
	Saturday  WeekDay = "Saturday"
	Sunday    WeekDay = "Sunday"
)

var weekDays = []WeekDay{Monday, Tuesday, Wednesday, Thursday, Friday, Saturday, Sunday}

// MonthDay is a day of the month: "1" to "31", or [LastDay]. Of one day of the
// week it is [First] to [Fifth], or LastDay.
type MonthDay string

// The month days that are no numbers.
const (
	LastDay MonthDay = "LastDay"
	First   MonthDay = "First"
	Second  MonthDay = "Second"
	Third   MonthDay = "Third"
	Fourth  MonthDay = "Fourth"
	Fifth   MonthDay = "Fifth"
)

var occurrences = []MonthDay{First, Second, Third, Fourth, Fifth, LastDay}

// DayOfMonth is the month day of a number from 1 to 31.
func DayOfMonth(number int) MonthDay { return MonthDay(strconv.Itoa(number)) }

// Recurrence says when something runs: it is an [Hourly], a [Daily], a [Weekly]
// or a [Monthly]. Tableau Server, where schedules are made, and Tableau Cloud,
// where each task and subscription has its own, have different rules, named at
// each. What breaks them is refused before it is sent, with an error that
// matches [ErrInvalidArgument].
type Recurrence interface {
	details() (Frequency, FrequencyDetails)
	checkForServer() error
	checkForCloud() error
}

// Hourly runs several times between two times of the day.
type Hourly struct {
	// Start and End are the first and the last possible time of a run. On Cloud,
	// a whole number of hours must lie between them.
	Start, End TimeOfDay
	// Every is the pause: 15 or 30 minutes, or 1, 2, 4, 6, 8 or 12 hours. Cloud
	// takes only one hour.
	Every time.Duration
	// Days are the days of the week on which it runs. On Server none means all;
	// Cloud wants at least one.
	Days []WeekDay
}

// Daily runs once a day, or every few hours.
type Daily struct {
	Start TimeOfDay
	// End is the last possible time of a run: set it exactly when Every is. A
	// whole number of hours must lie between Start and End.
	End TimeOfDay
	// Every is the pause: 2, 4, 6, 8, 12 or 24 hours; 0 means once a day. Server
	// ignores it.
	Every time.Duration
	// Days are the days of the week on which it runs. Server ignores them; Cloud
	// wants at least one.
	Days []WeekDay
}

// Weekly runs once on each of some days of the week.
type Weekly struct {
	Start TimeOfDay
	Days  []WeekDay // at least one; Cloud takes exactly one
}

// Monthly runs once on each of some days of the month.
type Monthly struct {
	Start TimeOfDay
	// Days are days of the month. With a WeekDay they are [First] to [Fifth], or
	// [LastDay], of that day.
	Days []MonthDay
	// WeekDay is the day of the week that Days count. Optional.
	WeekDay WeekDay
}

// FrequencyDetails are the times at which a schedule runs, as the server tells
// them. [Schedule.Recurrence] reads them.
type FrequencyDetails struct {
	Start     TimeOfDay  `xml:"start,attr"`
	End       TimeOfDay  `xml:"end,attr"`
	Intervals []Interval `xml:"intervals>interval"`
	Extra     Attributes `xml:",any,attr"`
}

// Interval is one rule of [FrequencyDetails].
type Interval struct {
	Hours    int        `xml:"hours,attr,omitempty"`
	Minutes  int        `xml:"minutes,attr,omitempty"`
	WeekDay  WeekDay    `xml:"weekDay,attr,omitempty"`
	MonthDay MonthDay   `xml:"monthDay,attr,omitempty"`
	Extra    Attributes `xml:",any,attr"`
}

func (h Hourly) details() (Frequency, FrequencyDetails) {
	return FrequencyHourly, FrequencyDetails{Start: h.Start, End: h.End, Intervals: append(every(h.Every), onDays(h.Days)...)}
}

func (d Daily) details() (Frequency, FrequencyDetails) {
	return FrequencyDaily, FrequencyDetails{Start: d.Start, End: d.End, Intervals: append(every(d.Every), onDays(d.Days)...)}
}

func (w Weekly) details() (Frequency, FrequencyDetails) {
	return FrequencyWeekly, FrequencyDetails{Start: w.Start, Intervals: onDays(w.Days)}
}

func (m Monthly) details() (Frequency, FrequencyDetails) {
	details := FrequencyDetails{Start: m.Start}
	for _, day := range m.Days {
		details.Intervals = append(details.Intervals, Interval{WeekDay: m.WeekDay, MonthDay: day})
	}
	return FrequencyMonthly, details
}

// every is the interval of a pause, none when it is 0.
func every(pause time.Duration) []Interval {
	switch {
	case pause == 0:
		return nil
	case pause%time.Hour == 0:
		return []Interval{{Hours: int(pause / time.Hour)}}
	}
	return []Interval{{Minutes: int(pause / time.Minute)}}
}

func onDays(days []WeekDay) []Interval {
	var intervals []Interval
	for _, day := range days {
		intervals = append(intervals, Interval{WeekDay: day})
	}
	return intervals
}

func (h Hourly) checkForServer() error {
	pauses := []time.Duration{15 * time.Minute, 30 * time.Minute, time.Hour, 2 * time.Hour, 4 * time.Hour, 6 * time.Hour, 8 * time.Hour, 12 * time.Hour}
	return cmp.Or(
		checkTime("Hourly.Start", h.Start),
		checkTime("Hourly.End", h.End),
		checkPause("Hourly.Every", h.Every, pauses),
		checkDays("Hourly.Days", h.Days, 0, 7),
	)
}

func (h Hourly) checkForCloud() error {
	return cmp.Or(
		checkStart("Hourly.Start", h.Start),
		checkPause("Hourly.Every", h.Every, []time.Duration{time.Hour}),
		checkSpan("Hourly", h.Start, h.End),
		checkDays("Hourly.Days", h.Days, 1, 7),
	)
}

func (d Daily) checkForServer() error {
	if err := cmp.Or(checkTime("Daily.Start", d.Start), checkDays("Daily.Days", d.Days, 0, 7)); err != nil {
		return err
	}
	if d.Every == 0 {
		if d.End != "" {
			return invalid("Daily.End is set without Daily.Every: what runs once a day has no end")
		}
		return nil
	}
	pauses := []time.Duration{2 * time.Hour, 4 * time.Hour, 6 * time.Hour, 8 * time.Hour, 12 * time.Hour, 24 * time.Hour}
	return cmp.Or(checkPause("Daily.Every", d.Every, pauses), checkSpan("Daily", d.Start, d.End))
}

func (d Daily) checkForCloud() error {
	return cmp.Or(checkStart("Daily.Start", d.Start), d.checkForServer(), checkDays("Daily.Days", d.Days, 1, 7))
}

func (w Weekly) checkForServer() error {
	return cmp.Or(checkTime("Weekly.Start", w.Start), checkDays("Weekly.Days", w.Days, 1, 7))
}

func (w Weekly) checkForCloud() error {
	return cmp.Or(checkStart("Weekly.Start", w.Start), checkDays("Weekly.Days", w.Days, 1, 1))
}

func (m Monthly) checkForServer() error {
	if err := checkTime("Monthly.Start", m.Start); err != nil {
		return err
	}
	if m.WeekDay != "" {
		if err := checkDays("Monthly.WeekDay", []WeekDay{m.WeekDay}, 1, 1); err != nil {
			return err
		}
	}
	if len(m.Days) == 0 {
		return invalid("Monthly.Days is empty: name at least one day")
	}
	for i, day := range m.Days {
		number, err := strconv.Atoi(string(day))
		switch {
		case slices.Contains(m.Days[:i], day):
			return invalid(fmt.Sprintf("Monthly.Days names %s twice", day))
		case m.WeekDay != "" && !slices.Contains(occurrences, day):
			return invalid(fmt.Sprintf("Monthly.Days: %q is none of First to Fifth and LastDay, which a week day needs", string(day)))
		case m.WeekDay == "" && day != LastDay && (err != nil || number < 1 || number > 31):
			return invalid(fmt.Sprintf("Monthly.Days: %q is neither 1 to 31 nor LastDay", string(day)))
		}
	}
	return nil
}

func (m Monthly) checkForCloud() error {
	return cmp.Or(checkStart("Monthly.Start", m.Start), m.checkForServer())
}

func checkTime(field string, t TimeOfDay) error {
	if t == "" {
		return invalid(field + " is not set: it is a time of day such as 06:30:00")
	}
	if _, err := t.SinceMidnight(); err != nil {
		return invalid(fmt.Sprintf("%s: %q is no time of day of the form 15:04:05", field, string(t)))
	}
	return nil
}

// checkStart checks the start of what runs on Cloud.
func checkStart(field string, t TimeOfDay) error {
	if err := checkTime(field, t); err != nil {
		return err
	}
	if since, _ := t.SinceMidnight(); since%(5*time.Minute) != 0 {
		return invalid(fmt.Sprintf("%s: %s is not a multiple of five minutes", field, string(t)))
	}
	return nil
}

// checkSpan checks that whole hours lie between start and end, which may be on
// the next day.
func checkSpan(recurrence string, start, end TimeOfDay) error {
	if err := checkTime(recurrence+".End", end); err != nil {
		return err
	}
	from, _ := start.SinceMidnight()
	to, _ := end.SinceMidnight()
	if (to-from)%time.Hour != 0 {
		return invalid(fmt.Sprintf("%s.End: %s is not a whole number of hours after %s", recurrence, string(end), string(start)))
	}
	return nil
}

func checkPause(field string, pause time.Duration, allowed []time.Duration) error {
	if slices.Contains(allowed, pause) {
		return nil
	}
	return invalid(fmt.Sprintf("%s: %v is none of %v", field, pause, allowed))
}

func checkDays(field string, days []WeekDay, least, most int) error {
	for i, day := range days {
		if !slices.Contains(weekDays, day) {
			return invalid(fmt.Sprintf("%s: %q is no day of the week", field, string(day)))
		}
		if slices.Contains(days[:i], day) {
			return invalid(fmt.Sprintf("%s names %s twice", field, string(day)))
		}
	}
	switch {
	case len(days) < least:
		return invalid(field + " is empty: name at least one day of the week")
	case len(days) > most:
		return invalid(fmt.Sprintf("%s: only one day of the week can be named here", field))
	}
	return nil
}

// recurrenceOf reads what the server tells; nil when it tells nothing, or
// something that the four types cannot say.
func recurrenceOf(frequency Frequency, d FrequencyDetails) Recurrence {
	if d.Start == "" {
		return nil
	}
	var pause time.Duration
	var days []WeekDay
	var monthDays []MonthDay
	var weekDay WeekDay
	for i, interval := range d.Intervals {
		switch {
		case interval.MonthDay != "":
			if i > 0 && interval.WeekDay != weekDay {
				return nil
			}
			weekDay = interval.WeekDay
			monthDays = append(monthDays, interval.MonthDay)
		case interval.WeekDay != "":
			days = append(days, interval.WeekDay)
		default:
			pause = time.Duration(interval.Hours)*time.Hour + time.Duration(interval.Minutes)*time.Minute
		}
	}
	switch frequency {
	case FrequencyHourly:
		return Hourly{Start: d.Start, End: d.End, Every: pause, Days: days}
	case FrequencyDaily:
		return Daily{Start: d.Start, End: d.End, Every: pause, Days: days}
	case FrequencyWeekly:
		return Weekly{Start: d.Start, Days: days}
	case FrequencyMonthly:
		monthly := Monthly{Start: d.Start, Days: monthDays, WeekDay: weekDay}
		if monthly.checkForServer() == nil { // servers also show "Customized Monthly"
			return monthly
		}
	}
	return nil
}

// A recurrenceRequest is how a recurrence is sent.
type recurrenceRequest struct {
	Frequency Frequency       `xml:"frequency,attr,omitempty"`
	Details   *detailsRequest `xml:"frequencyDetails"`
}

type detailsRequest struct {
	Start     TimeOfDay         `xml:"start,attr"`
	End       TimeOfDay         `xml:"end,attr,omitempty"`
	Intervals *intervalsRequest `xml:"intervals"`
}

type intervalsRequest struct {
	Intervals []Interval `xml:"interval"`
}

// requestOf writes a recurrence.
func requestOf(r Recurrence) recurrenceRequest {
	frequency, details := r.details()
	request := recurrenceRequest{frequency, &detailsRequest{Start: details.Start, End: details.End}}
	if len(details.Intervals) > 0 {
		request.Details.Intervals = &intervalsRequest{details.Intervals}
	}
	return request
}

// ownRecurrence writes the recurrence of something that has its own on Cloud,
// after a check such as Recurrence.checkForCloud.
func ownRecurrence(what string, r Recurrence, check func(Recurrence) error) (*recurrenceRequest, error) {
	if r == nil {
		return nil, invalid(what + " needs a Recurrence")
	}
	if err := check(r); err != nil {
		return nil, err
	}
	return new(requestOf(r)), nil
}
