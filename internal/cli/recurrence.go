package cli

import (
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/tabctl/tableau-go/tableau"
)

// recurrenceFlags say when something runs.
type recurrenceFlags struct {
	frequency  choice
	start, end string
	every      time.Duration
	weekDays   []string
	monthDays  []string
}

func (f *recurrenceFlags) add(command *cobra.Command) {
	f.frequency = choice{allowed: []string{"Hourly", "Daily", "Weekly", "Monthly"}}
	choiceFlag(command, &f.frequency, "frequency", "how often it runs")
	flags := command.Flags()
	flags.StringVar(&f.start, "start", "", "first `time` of the day to run at, such as 06:30")
	flags.StringVar(&f.end, "end", "", "last `time` of the day to run at")
	flags.DurationVar(&f.every, "every", 0, "`pause` between runs of a day, such as 30m or 2h")
	flags.StringSliceVar(&f.weekDays, "week-days", nil, "`days` of the week, such as Monday,Friday")
	flags.StringSliceVar(&f.monthDays, "month-days", nil, "`days` of the month, such as 1,15 or LastDay; with one of --week-days: First to Fifth or LastDay")
}

// recurrence is what the flags say; nil when they say nothing.
func (f *recurrenceFlags) recurrence(a *app) (tableau.Recurrence, error) {
	if f.frequency.value == "" {
		for _, name := range []string{"start", "end", "every", "week-days", "month-days"} {
			if a.connection.given(name) {
				return nil, usage("--%s says nothing without --frequency", name)
			}
		}
		return nil, nil
	}
	start, err := timeOfDay("start", f.start)
	if err != nil {
		return nil, err
	}
	end, err := timeOfDay("end", f.end)
	if err != nil {
		return nil, err
	}
	days := make([]tableau.WeekDay, len(f.weekDays))
	for i, day := range f.weekDays {
		days[i] = tableau.WeekDay(upperFirst(strings.ToLower(day)))
	}
	switch f.frequency.value {
	case "Hourly":
		return tableau.Hourly{Start: start, End: end, Every: f.every, Days: days}, nil
	case "Daily":
		return tableau.Daily{Start: start, End: end, Every: f.every, Days: days}, nil
	case "Weekly":
		return tableau.Weekly{Start: start, Days: days}, nil
	}
	monthly := tableau.Monthly{Start: start}
	for _, day := range f.monthDays {
		monthly.Days = append(monthly.Days, tableau.MonthDay(day))
	}
	switch len(days) {
	case 0:
	case 1:
		monthly.WeekDay = days[0]
	default:
		return nil, usage("--week-days: a monthly recurrence takes one day of the week")
	}
	return monthly, nil
}

func timeOfDay(flag, text string) (tableau.TimeOfDay, error) {
	if text == "" {
		return "", nil
	}
	t, err := tableau.ParseTimeOfDay(text)
	if err != nil {
		return "", usage("--%s: %w", flag, err)
	}
	return t, nil
}

func upperFirst(text string) string {
	if text == "" {
		return ""
	}
	return strings.ToUpper(text[:1]) + text[1:]
}
