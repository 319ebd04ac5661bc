package tableau

import (
	"fmt"
	"strconv"
	"strings"
	"time"
)

// FreshnessPolicy says how old the data of a workbook with live connections may
// be when a view is shown. FreshEvery counts only with the option of that name,
// FreshAt likewise.
type FreshnessPolicy struct {
	Option     FreshnessOption `xml:"option,attr"`
	FreshEvery FreshEvery      `xml:"freshEverySchedule"`
	FreshAt    FreshAt         `xml:"freshAtSchedule"`
	Extra      Attributes      `xml:",any,attr"`
}

// FreshnessOption is the kind of a freshness policy.
type FreshnessOption string

// The kinds of freshness policies.
const (
	FreshSiteDefault FreshnessOption = "SiteDefault" // as the site has it
	FreshAlwaysLive  FreshnessOption = "AlwaysLive"  // asks the database each time
	FreshEveryPeriod FreshnessOption = "FreshEvery"  // once a period, see [FreshEvery]
	FreshAtTime      FreshnessOption = "FreshAt"     // from a time of day on, see [FreshAt]
)

// FreshEvery is a period, such as 10 hours.
type FreshEvery struct {
	Frequency FreshEveryFrequency `xml:"frequency,attr"`
	Value     int                 `xml:"value,attr"`
	Extra     Attributes          `xml:",any,attr"`
}

// FreshEveryFrequency is the unit of a period.
type FreshEveryFrequency string

// The units of a period.
const (
	FreshEveryMinutes FreshEveryFrequency = "Minutes"
	FreshEveryHours   FreshEveryFrequency = "Hours"
	FreshEveryDays    FreshEveryFrequency = "Days"
	FreshEveryWeeks   FreshEveryFrequency = "Weeks"
)

// FreshAt is a time of day, on every day or some.
type FreshAt struct {
	Frequency FreshAtFrequency  `xml:"frequency,attr"`
	Time      string            `xml:"time,attr"`          // such as "22:00:00"
	TimeZone  string            `xml:"timezone,attr"`      // such as "Asia/Singapore"
	Intervals []FreshAtInterval `xml:"intervals>interval"` // none for every day
	Extra     Attributes        `xml:",any,attr"`
}

// FreshAtFrequency says from what the days are chosen.
type FreshAtFrequency string

// The frequencies of a time of day.
const (
	FreshAtDay   FreshAtFrequency = "Day"   // every day
	FreshAtWeek  FreshAtFrequency = "Week"  // days of the week
	FreshAtMonth FreshAtFrequency = "Month" // days of the month
)

// FreshAtInterval is one day: of the week or of the month.
type FreshAtInterval struct {
	WeekDay  string     `xml:"weekDay,attr"`  // such as "Monday"
	MonthDay string     `xml:"monthDay,attr"` // "1" to "31" or "LastDay"
	Extra    Attributes `xml:",any,attr"`
}

// Days names the days, such as "Monday", "15" or "LastDay". Servers send days
// of the week in capitals, too.
func (f FreshAt) Days() []string {
	var days []string
	for _, interval := range f.Intervals {
		if interval.WeekDay != "" {
			days = append(days, capitalized(interval.WeekDay))
		}
		if interval.MonthDay != "" {
			days = append(days, interval.MonthDay)
		}
	}
	return days
}

// capitalized writes the name of a day as the schema has it.
func capitalized(day string) string {
	return strings.ToUpper(day[:1]) + strings.ToLower(day[1:])
}

type freshnessRequest struct {
	Option     FreshnessOption    `xml:"option,attr"`
	FreshEvery *freshEveryRequest `xml:"freshEverySchedule"`
	FreshAt    *freshAtRequest    `xml:"freshAtSchedule"`
}

type freshEveryRequest struct {
	Frequency FreshEveryFrequency `xml:"frequency,attr"`
	Value     int                 `xml:"value,attr"`
}

type freshAtRequest struct {
	Frequency FreshAtFrequency         `xml:"frequency,attr"`
	Time      string                   `xml:"time,attr"`
	TimeZone  string                   `xml:"timezone,attr,omitempty"`
	Intervals []freshAtIntervalRequest `xml:"intervals>interval"` // the schema wants the container even when empty
}

type freshAtIntervalRequest struct {
	WeekDay  string `xml:"weekDay,attr,omitempty"`
	MonthDay string `xml:"monthDay,attr,omitempty"`
}

// request checks the policy and makes it part of a request.
func (p FreshnessPolicy) request() (*freshnessRequest, error) {
	payload := &freshnessRequest{Option: p.Option}
	switch p.Option {
	case FreshSiteDefault, FreshAlwaysLive:
	case FreshEveryPeriod:
		if err := p.FreshEvery.check(); err != nil {
			return nil, err
		}
		payload.FreshEvery = &freshEveryRequest{p.FreshEvery.Frequency, p.FreshEvery.Value}
	case FreshAtTime:
		if err := p.FreshAt.check(); err != nil {
			return nil, err
		}
		payload.FreshAt = &freshAtRequest{Frequency: p.FreshAt.Frequency, Time: p.FreshAt.Time, TimeZone: p.FreshAt.TimeZone}
		for _, interval := range p.FreshAt.Intervals {
			sent := freshAtIntervalRequest{MonthDay: interval.MonthDay}
			if interval.WeekDay != "" {
				sent.WeekDay = capitalized(interval.WeekDay)
			}
			payload.FreshAt.Intervals = append(payload.FreshAt.Intervals, sent)
		}
	default:
		return nil, invalid(fmt.Sprintf("freshness policy: Option %q is none of SiteDefault, AlwaysLive, FreshEvery and FreshAt", p.Option))
	}
	return payload, nil
}

func (f FreshEvery) check() error {
	switch f.Frequency {
	case FreshEveryMinutes, FreshEveryHours, FreshEveryDays, FreshEveryWeeks:
	default:
		return invalid(fmt.Sprintf("freshness policy: FreshEvery.Frequency %q is none of Minutes, Hours, Days and Weeks", f.Frequency))
	}
	if f.Value < 1 {
		return invalid(fmt.Sprintf("freshness policy: FreshEvery.Value is %d, not 1 or more", f.Value))
	}
	return nil
}

func (f FreshAt) check() error {
	if _, err := time.Parse(timeOfDayLayout, f.Time); err != nil {
		return invalid(fmt.Sprintf("freshness policy: FreshAt.Time %q is no time of day such as 22:00:00", f.Time))
	}
	switch f.Frequency {
	case FreshAtDay, FreshAtWeek, FreshAtMonth:
	default:
		return invalid(fmt.Sprintf("freshness policy: FreshAt.Frequency %q is none of Day, Week and Month", f.Frequency))
	}
	if every := f.Frequency == FreshAtDay; every != (len(f.Intervals) == 0) {
		return invalid("freshness policy: FreshAt.Intervals are for the frequencies Week and Month, and needed there")
	}
	for _, interval := range f.Intervals {
		if f.Frequency == FreshAtWeek && (!isWeekDay(interval.WeekDay) || interval.MonthDay != "") {
			return invalid(fmt.Sprintf("freshness policy: FreshAt.Intervals: with the frequency Week each has a WeekDay from Monday to Sunday and nothing else, not %q", interval.WeekDay+interval.MonthDay))
		}
		if f.Frequency == FreshAtMonth && (!isMonthDay(interval.MonthDay) || interval.WeekDay != "") {
			return invalid(fmt.Sprintf("freshness policy: FreshAt.Intervals: with the frequency Month each has a MonthDay from 1 to 31 or LastDay and nothing else, not %q", interval.WeekDay+interval.MonthDay))
		}
	}
	return nil
}

func isWeekDay(text string) bool {
	for day := time.Sunday; day <= time.Saturday; day++ {
		if strings.EqualFold(text, day.String()) {
			return true
		}
	}
	return false
}

func isMonthDay(text string) bool {
	day, err := strconv.Atoi(text)
	return text == "LastDay" || err == nil && day >= 1 && day <= 31 && text == strconv.Itoa(day)
}
