package emulator

import (
	"slices"
	"strconv"
	"time"

	"github.com/tabctl/tableau-go/emulator/internal/store"
	"github.com/tabctl/tableau-go/internal/tsxml"
)

const timeOfDay = "15:04:05"

// lastDay is the month day that is no number.
const lastDay = "LastDay"

var weekDays = []string{"Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"}

// readRecurrence takes over when a schedule runs, by the rules of Tableau Server.
func readRecurrence(s *store.Schedule, frequency string, details *tsxml.Element) error {
	s.Frequency, s.Start, s.End, s.Intervals = frequency, details.Attr("start"), "", nil
	if err := checkTimeOfDay("start", s.Start); err != nil {
		return err
	}
	intervals, err := readIntervals(details.Child("intervals"))
	if err != nil {
		return err
	}
	pauses, days, monthDays := sortIntervals(intervals)
	switch frequency {
	case "Hourly":
		s.End = details.Attr("end")
		if err := checkTimeOfDay("end", s.End); err != nil {
			return err
		}
		if len(pauses) == 0 || len(monthDays) > 0 {
			return fail(scheduleInvalid, "An hourly schedule needs an interval with hours or minutes, and may have some with a weekDay.")
		}
		s.Intervals = append(pauses, days...)
	case "Daily": // it runs once a day: Tableau Server ignores an end and intervals
	case "Weekly":
		if len(days) < 1 || len(days) > 7 || len(days) < len(intervals) {
			return fail(scheduleInvalid, "A weekly schedule needs one to seven intervals, each with a weekDay.")
		}
		s.Intervals = days
	case "Monthly":
		if len(monthDays) == 0 || len(monthDays) < len(intervals) {
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

// readIntervals reads the elements, each of which says one thing.
func readIntervals(list *tsxml.Element) ([]store.Interval, error) {
	if list == nil {
		return nil, nil
	}
	var intervals []store.Interval
	for _, e := range list.Children {
		var one store.Interval
		if len(e.Attrs) != 1 {
			return nil, fail(scheduleInvalid, "An interval has exactly one of hours, minutes, weekDay and monthDay.")
		}
		value := e.Attrs[0].Value
		number, err := strconv.ParseInt(value, 10, 64)
		isNumber := err == nil && strconv.FormatInt(number, 10) == value
		known := false
		switch e.Attrs[0].Name {
		case "hours":
			one.Hours, known = number, isNumber && slices.Contains([]int64{1, 2, 4, 6, 8, 12}, number)
		case "minutes":
			one.Minutes, known = number, isNumber && slices.Contains([]int64{15, 30, 60}, number)
			if number == 60 {
				one = store.Interval{Hours: 1} // the schema knows it by this name only
			}
		case "weekDay":
			one.WeekDay, known = value, slices.Contains(weekDays, value)
		case "monthDay":
			one.MonthDay, known = value, value == lastDay || isNumber && number >= 1 && number <= 31
		}
		if !known {
			return nil, fail(scheduleInvalid, "The interval %s='%s' is not valid: use hours 1, 2, 4, 6, 8 or 12, minutes 15, 30 or 60, "+
				"weekDay Monday to Sunday, or monthDay 1 to 31 or LastDay.", e.Attrs[0].Name, value)
		}
		if slices.Contains(intervals, one) {
			return nil, fail(scheduleInvalid, "The interval %s='%s' is there twice.", e.Attrs[0].Name, value)
		}
		intervals = append(intervals, one)
	}
	if pauses, _, _ := sortIntervals(intervals); len(pauses) > 1 {
		return nil, fail(scheduleInvalid, "Only one interval can have hours or minutes.")
	}
	return intervals, nil
}

func sortIntervals(intervals []store.Interval) (pauses, days, monthDays []store.Interval) {
	for _, one := range intervals {
		switch {
		case one.WeekDay != "":
			days = append(days, one)
		case one.MonthDay != "":
			monthDays = append(monthDays, one)
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
		case one.WeekDay != "":
			e.Set("weekDay", one.WeekDay)
		case one.MonthDay != "":
			e.Set("monthDay", one.MonthDay)
		case one.Hours > 0:
			e.SetInt("hours", one.Hours)
		default:
			e.SetInt("minutes", one.Minutes)
		}
		intervals.Add(e)
	}
	return tsxml.New("frequencyDetails", "start", s.Start).SetIf("end", s.End).Add(intervals)
}

// horizon is how many days ahead a run can be: the 31st comes back after at most 62 days.
const horizon = 62

// nextRun is the first time after now at which a schedule runs, in UTC.
func nextRun(s store.Schedule, now time.Time) time.Time {
	now = now.UTC()
	today := now.Truncate(24 * time.Hour)
	start, end := sinceMidnight(s.Start), sinceMidnight(s.End)
	pause := time.Duration(0)
	if pauses, _, _ := sortIntervals(s.Intervals); len(pauses) > 0 {
		pause = time.Duration(pauses[0].Hours)*time.Hour + time.Duration(pauses[0].Minutes)*time.Minute
		if end <= start {
			end += 24 * time.Hour // it goes on into the next day
		}
	}
	// The runs that began yesterday may go on past midnight.
	for i := -1; i <= horizon; i++ {
		day := today.AddDate(0, 0, i)
		if !runsOn(s, day) {
			continue
		}
		first := day.Add(start)
		if first.After(now) {
			return first
		}
		if pause > 0 {
			next := first.Add(now.Sub(first).Truncate(pause) + pause)
			if !next.After(day.Add(end)) {
				return next
			}
		}
	}
	return time.Time{}
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
	isLast := day.AddDate(0, 0, 1).Day() == 1
	return slices.ContainsFunc(days, func(one store.Interval) bool { return one.WeekDay == day.Weekday().String() }) ||
		slices.ContainsFunc(monthDays, func(one store.Interval) bool {
			return one.MonthDay == strconv.Itoa(day.Day()) || one.MonthDay == lastDay && isLast
		})
}
