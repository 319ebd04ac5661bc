package emulator

import (
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"
	_ "time/tzdata" // time zones of sites, wherever this runs

	"github.com/tabctl/tableau-go/emulator/internal/store"
	"github.com/tabctl/tableau-go/internal/tsxml"
)

const timeOfDay = "15:04:05"

// lastDay is the month day that is no number.
const lastDay = "LastDay"

var weekDays = []string{"Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"}

// ordinals are the month days that count a day of the week; LastDay is the last of these.
var ordinals = []string{"First", "Second", "Third", "Fourth", "Fifth", lastDay}

// readRecurrence takes over when a schedule runs, by the rules of Tableau Server.
func readRecurrence(s *store.Schedule, frequency string, details *tsxml.Element) error {
	s.Frequency, s.Start, s.End, s.Intervals = frequency, details.Attr("start"), "", nil
	if err := checkTimeOfDay("start", s.Start); err != nil {
		return err
	}
	if frequency == "Daily" {
		return nil // it runs once a day: Tableau Server ignores an end and intervals
	}
	pauses, days, monthDays, err := readIntervals(details.Child("intervals"), 1, 2, 4, 6, 8, 12)
	if err != nil {
		return err
	}
	count := len(pauses) + len(days) + len(monthDays)
	switch frequency {
	case "Hourly":
		s.End = details.Attr("end")
		if err := checkTimeOfDay("end", s.End); err != nil {
			return err
		}
		if len(pauses) == 0 || len(monthDays) > 0 {
			return fail(scheduleInvalid, "An hourly schedule needs an interval with hours or minutes, and may have some with a weekDay.")
		}
		if len(pauses) > 1 {
			return fail(scheduleInvalid, "Only one interval can have hours or minutes.")
		}
		s.Intervals = append(pauses, days...)
	case "Weekly":
		if len(days) < 1 || len(days) > 7 || len(days) < count {
			return fail(scheduleInvalid, "A weekly schedule needs one to seven intervals, each with a weekDay.")
		}
		s.Intervals = days
	case "Monthly":
		if len(monthDays) == 0 || len(monthDays) < count {
			return fail(scheduleInvalid, "A monthly schedule needs intervals that each have a monthDay.")
		}
		s.Intervals = monthDays
	default:
		return fail(scheduleInvalid, "The frequency '%s' is none of Hourly, Daily, Weekly and Monthly.", frequency)
	}
	return nil
}

// readCloudRecurrence takes over when a task or a subscription runs that has its own schedule, by the rules of Tableau Cloud.
func readCloudRecurrence(s *store.Schedule, frequency string, details *tsxml.Element) error {
	s.Frequency, s.Start, s.End, s.Intervals = frequency, details.Attr("start"), "", nil
	if err := checkTimeOfDay("start", s.Start); err != nil {
		return err
	}
	if sinceMidnight(s.Start)%(5*time.Minute) != 0 {
		return fail(scheduleInvalid, "The start '%s' is not a multiple of five minutes.", s.Start)
	}
	pauses, days, monthDays, err := readIntervals(details.Child("intervals"), 1, 2, 4, 6, 8, 12, 24)
	if err != nil {
		return err
	}
	switch frequency {
	case "Hourly", "Daily":
		switch {
		case len(days) == 0:
			return fail(scheduleInvalid, "The schedule needs at least one interval with a weekDay.")
		case len(monthDays) > 0:
			return fail(scheduleInvalid, "A schedule of the frequency %s has no monthDay.", frequency)
		case frequency == "Hourly" && (len(pauses) != 1 || pauses[0].Hours != 1):
			return fail(scheduleInvalid, "An hourly schedule has exactly one interval with hours='1' or minutes='60'.")
		case len(pauses) == 0:
			s.Intervals = days
			return nil // once a day: an end is ignored
		}
		last := pauses[len(pauses)-1] // of several, Tableau takes the last
		if frequency == "Daily" && last.Hours < 2 {
			return fail(scheduleInvalid, "The hours of a daily schedule are 2, 4, 6, 8, 12 or 24.")
		}
		s.End, s.Intervals = details.Attr("end"), append([]store.Interval{last}, days...)
		if err := checkTimeOfDay("end", s.End); err != nil {
			return err
		}
		if (sinceMidnight(s.End)-sinceMidnight(s.Start))%time.Hour != 0 {
			return fail(scheduleInvalid, "Whole hours must lie between the start '%s' and the end '%s'.", s.Start, s.End)
		}
	case "Weekly":
		if len(days) != 1 || len(pauses)+len(monthDays) > 0 {
			return fail(scheduleInvalid, "A weekly schedule has exactly one interval, with a weekDay.")
		}
		s.Intervals = days
	case "Monthly":
		if len(monthDays) == 0 || len(pauses)+len(days) > 0 {
			return fail(scheduleInvalid, "A monthly schedule needs intervals that each have a monthDay.")
		}
		s.Intervals = monthDays
	default:
		return fail(scheduleInvalid, "The frequency '%s' is none of Hourly, Daily, Weekly and Monthly.", frequency)
	}
	return nil
}

func checkTimeOfDay(name, text string) error {
	if _, err := time.Parse(timeOfDay, text); err != nil || len(text) != len(timeOfDay) {
		return fail(scheduleInvalid, "The value '%s' of '%s' is not a time of day such as 06:30:00.", text, name)
	}
	return nil
}

// readIntervals reads the elements, by what each of them says: a pause, a day of the week, a day of the month.
func readIntervals(list *tsxml.Element, hours ...int64) (pauses, days, monthDays []store.Interval, err error) {
	if list == nil {
		return nil, nil, nil, nil
	}
	var all []store.Interval
	for _, e := range list.Children {
		one, err := readInterval(e, hours)
		if err != nil {
			return nil, nil, nil, err
		}
		if slices.Contains(all, one) {
			return nil, nil, nil, fail(scheduleInvalid, "The interval %s is there twice.", intervalText(e))
		}
		all = append(all, one)
	}
	pauses, days, monthDays = sortIntervals(all)
	return pauses, days, monthDays, nil
}

func intervalText(e *tsxml.Element) string {
	var parts []string
	for _, a := range e.Attrs {
		parts = append(parts, a.Name+"='"+a.Value+"'")
	}
	return strings.Join(parts, " ")
}

func readInterval(e *tsxml.Element, hours []int64) (one store.Interval, err error) {
	number := func(name string) int64 {
		text := e.Attr(name)
		if n, err := strconv.ParseInt(text, 10, 64); err == nil && strconv.FormatInt(n, 10) == text {
			return n
		}
		return 0
	}
	attrs := make([]string, len(e.Attrs))
	for i, a := range e.Attrs {
		attrs[i] = a.Name
	}
	slices.Sort(attrs)
	known := false
	switch strings.Join(attrs, " ") {
	case "hours":
		one.Hours = number("hours")
		known = slices.Contains(hours, one.Hours)
	case "minutes":
		one.Minutes = number("minutes")
		known = slices.Contains([]int64{15, 30, 60}, one.Minutes)
		if one.Minutes == 60 {
			one = store.Interval{Hours: 1} // the schema knows it by this name only
		}
	case "weekDay":
		one.WeekDay = e.Attr("weekDay")
		known = slices.Contains(weekDays, one.WeekDay)
	case "monthDay":
		one.MonthDay = e.Attr("monthDay")
		n := number("monthDay")
		known = one.MonthDay == lastDay || n >= 1 && n <= 31
	case "monthDay weekDay": // such as the first Monday of the month
		one.MonthDay, one.WeekDay = e.Attr("monthDay"), e.Attr("weekDay")
		known = slices.Contains(ordinals, one.MonthDay) && slices.Contains(weekDays, one.WeekDay)
	default:
		return one, fail(scheduleInvalid, "An interval has exactly one of hours, minutes, weekDay and monthDay, or a weekDay with a monthDay such as First.")
	}
	if !known {
		return one, fail(scheduleInvalid, "The interval %s is not valid: hours are one of %v, minutes 15, 30 or 60, a weekDay Monday to Sunday, "+
			"a monthDay 1 to 31 or LastDay, and First to Fifth or LastDay with a weekDay.", intervalText(e), hours)
	}
	return one, nil
}

func sortIntervals(intervals []store.Interval) (pauses, days, monthDays []store.Interval) {
	for _, one := range intervals {
		switch {
		case one.MonthDay != "":
			monthDays = append(monthDays, one)
		case one.WeekDay != "":
			days = append(days, one)
		default:
			pauses = append(pauses, one)
		}
	}
	return pauses, days, monthDays
}

// detailsElement is a schedule's frequencyDetails.
func detailsElement(s store.Schedule) *tsxml.Element {
	intervals := tsxml.List("intervals")
	for _, one := range s.Intervals {
		e := tsxml.New("interval")
		switch {
		case one.WeekDay != "" || one.MonthDay != "":
			e.SetIf("weekDay", one.WeekDay).SetIf("monthDay", one.MonthDay)
		case one.Hours > 0:
			e.SetInt("hours", one.Hours)
		default:
			e.SetInt("minutes", one.Minutes)
		}
		intervals.Add(e)
	}
	return tsxml.New("frequencyDetails", "start", s.Start).SetIf("end", s.End).Add(intervals)
}

// horizon is how many days ahead a run can be: a fifth Friday comes back after at most three months and a half.
const horizon = 110

// nextRun is the first time after now at which a schedule runs, in UTC. Times of day are those on the wall in its zone.
func nextRun(s store.Schedule, now time.Time) time.Time {
	zone := zoneNamed(s.Zone)
	year, month, today := now.In(zone).Date()
	start, length, pause := sinceMidnight(s.Start), time.Duration(0), 24*time.Hour
	if pauses, _, _ := sortIntervals(s.Intervals); len(pauses) > 0 {
		pause = time.Duration(pauses[0].Hours)*time.Hour + time.Duration(pauses[0].Minutes)*time.Minute
		if length = sinceMidnight(s.End) - start; length < 0 {
			length += 24 * time.Hour // it goes on into the next day
		}
		if length == 0 {
			length = 24*time.Hour - time.Second // all day: the end is the next day's start
		}
	}
	// The runs that began yesterday may go on past midnight.
	for i := -1; i <= horizon; i++ {
		if !runsOn(s, time.Date(year, month, today+i, 12, 0, 0, 0, time.UTC)) {
			continue
		}
		for since := time.Duration(0); since <= length; since += pause {
			at := time.Date(year, month, today+i, 0, 0, int((start+since)/time.Second), 0, zone).UTC()
			if at.After(now) {
				return at
			}
		}
	}
	return time.Time{}
}

// zones are the time zones that were looked up before, by name.
var zones sync.Map

// zoneNamed returns a time zone. One that nobody knows is UTC, and so is "".
func zoneNamed(name string) *time.Location {
	if known, ok := zones.Load(name); ok {
		return known.(*time.Location)
	}
	zone, err := time.LoadLocation(name)
	if err != nil {
		return time.UTC
	}
	zones.Store(name, zone)
	return zone
}

// sinceMidnight is how long after midnight a time of day is, which has been checked.
func sinceMidnight(text string) time.Duration {
	at, err := time.Parse(timeOfDay, text)
	if err != nil {
		return 0
	}
	return time.Duration(at.Hour())*time.Hour + time.Duration(at.Minute())*time.Minute + time.Duration(at.Second())*time.Second
}

// runsOn reports whether the runs of a schedule begin on a day.
func runsOn(s store.Schedule, day time.Time) bool {
	_, days, monthDays := sortIntervals(s.Intervals)
	if len(days) == 0 && len(monthDays) == 0 {
		return true
	}
	return slices.ContainsFunc(append(days, monthDays...), func(one store.Interval) bool { return isOn(one, day) })
}

// isOn reports whether an interval means a day.
func isOn(one store.Interval, day time.Time) bool {
	isLast := func(days int) bool { return day.AddDate(0, 0, days).Month() != day.Month() }
	switch {
	case one.MonthDay == "":
		return one.WeekDay == day.Weekday().String()
	case one.WeekDay == "":
		return one.MonthDay == strconv.Itoa(day.Day()) || one.MonthDay == lastDay && isLast(1)
	case one.WeekDay != day.Weekday().String():
		return false
	case one.MonthDay == lastDay:
		return isLast(7)
	}
	return one.MonthDay == ordinals[(day.Day()-1)/7]
}
