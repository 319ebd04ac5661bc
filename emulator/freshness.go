package emulator

import (
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/tabctl/tableau-go/internal/tsxml"
)

// freshnessIn reads a data freshness policy and returns it as it is answered.
func freshnessIn(e *tsxml.Element) (*tsxml.Element, error) {
	policy := tsxml.New("dataFreshnessPolicy", "option", e.Attr("option"))
	switch e.Attr("option") {
	case "SiteDefault", "AlwaysLive":
		return policy, nil
	case "FreshEvery":
		every := e.Child("freshEverySchedule")
		value, err := strconv.Atoi(every.Attr("value"))
		if !slices.Contains([]string{"Days", "Hours", "Minutes", "Weeks"}, every.Attr("frequency")) || err != nil || value < 1 {
			return nil, fail(badRequest, "A freshEverySchedule has the frequency Minutes, Hours, Days or Weeks and a value from 1 on.")
		}
		return policy.Add(tsxml.New("freshEverySchedule", "frequency", every.Attr("frequency"), "value", every.Attr("value"))), nil
	case "FreshAt":
		at, err := freshAt(e.Child("freshAtSchedule"))
		return policy.Add(at), err
	}
	return nil, fail(badRequest, "The option '%s' of a data freshness policy is none of SiteDefault, AlwaysLive, FreshEvery and FreshAt.", e.Attr("option"))
}

func freshAt(e *tsxml.Element) (*tsxml.Element, error) {
	frequency := e.Attr("frequency")
	if _, err := time.Parse(timeOfDay, e.Attr("time")); err != nil || !slices.Contains([]string{"Day", "Week", "Month"}, frequency) {
		return nil, fail(badRequest, "A freshAtSchedule has the frequency Day, Week or Month and a time such as 22:00:00.")
	}
	at := tsxml.New("freshAtSchedule", "frequency", frequency, "time", e.Attr("time")).SetIf("timezone", e.Attr("timezone"))
	intervals := tsxml.List("intervals")
	if given := e.Child("intervals"); given != nil && frequency != "Day" {
		for _, one := range given.Children {
			day, name := one.Attr("monthDay"), "monthDay"
			number, err := strconv.Atoi(day)
			known := err == nil && number >= 1 && number <= 31 || day == "LastDay"
			if frequency == "Week" {
				name, day = "weekDay", matching(weekDays, one.Attr("weekDay"))
				known = day != ""
			}
			if !known {
				return nil, fail(badRequest, "The intervals of the frequency %s are days of it: weekDay from Monday to Sunday, or monthDay from 1 to 31 or LastDay.", frequency)
			}
			intervals.Add(tsxml.New("interval", name, day))
		}
	}
	if frequency != "Day" && len(intervals.Children) == 0 {
		return nil, fail(badRequest, "A freshAtSchedule with the frequency %s needs intervals.", frequency)
	}
	return at.Add(intervals), nil
}

// storedFreshness is the element that a workbook keeps as text; nil for "".
func storedFreshness(text string) *tsxml.Element {
	e, err := tsxml.ParseXML(strings.NewReader(text), maxPayload)
	if err != nil {
		return nil // "": everything else was written here
	}
	if at := e.Child("freshAtSchedule").Child("intervals"); at != nil {
		at.List = true
	}
	return e
}
