package tableau_test

import (
	"errors"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/tabctl/tableau-go/tableau"
)

func TestTimesOfDay(t *testing.T) {
	t.Parallel()
	tests := []struct {
		text  string
		want  tableau.TimeOfDay
		since time.Duration
	}{
		{"6:30", "06:30:00", 6*time.Hour + 30*time.Minute},
		{"06:30", "06:30:00", 6*time.Hour + 30*time.Minute},
		{"23:59:59", "23:59:59", 24*time.Hour - time.Second},
		{"00:00:00", "00:00:00", 0},
	}
	for _, test := range tests {
		got, err := tableau.ParseTimeOfDay(test.text)
		if err != nil || got != test.want {
			t.Errorf("ParseTimeOfDay(%q) = %q, %v; want %q", test.text, got, err, test.want)
		}
		if since, err := got.SinceMidnight(); err != nil || since != test.since {
			t.Errorf("%q is %v after midnight, %v; want %v", got, since, err, test.since)
		}
	}
	for _, text := range []string{"", "24:00", "6", "06:60", "6:30 pm", "noon"} {
		if got, err := tableau.ParseTimeOfDay(text); !errors.Is(err, tableau.ErrInvalidArgument) {
			t.Errorf("ParseTimeOfDay(%q) = %q, %v; want ErrInvalidArgument", text, got, err)
		}
	}
	for _, time := range []tableau.TimeOfDay{"", "6:30", "6:30:00", "06:30", "06:30:00.5"} {
		if since, err := time.SinceMidnight(); !errors.Is(err, tableau.ErrInvalidArgument) {
			t.Errorf("%q is %v after midnight, %v; want ErrInvalidArgument", time, since, err)
		}
	}
}

// sentTo makes a call of a server that answers with anything, and returns what
// was sent.
func sentTo(t *testing.T, call func(*tableau.Client) error) (body string, err error) {
	t.Helper()
	server := serve(t, func(w http.ResponseWriter, r *http.Request) { answer(w, 200, strings.Join(everything, "")) })
	err = call(server.client(t))
	for _, request := range server.requests() {
		body += string(request.Body)
	}
	return body, err
}

// recurrences are told by what Server and Cloud get of them; a text without "<"
// is what the refusal says.
var recurrences = []struct {
	name          string
	is            tableau.Recurrence
	server, cloud string
}{
	{"hourly", tableau.Hourly{Start: "06:00:00", End: "22:00:00", Every: 2 * time.Hour},
		`frequency="Hourly"><frequencyDetails start="06:00:00" end="22:00:00"><intervals><interval hours="2"></interval></intervals></frequencyDetails>`,
		"Hourly.Every: 2h0m0s"},
	{"hourly by minutes", tableau.Hourly{Start: "22:00:00", End: "06:00:00", Every: 15 * time.Minute},
		`<interval minutes="15"></interval>`, "Hourly.Every: 15m0s"},
	{"every hour on one day", tableau.Hourly{Start: "06:05:00", End: "22:05:00", Every: time.Hour, Days: []tableau.WeekDay{tableau.Monday}},
		`<interval hours="1"></interval><interval weekDay="Monday"></interval>`,
		`<schedule frequency="Hourly"><frequencyDetails start="06:05:00" end="22:05:00"><intervals><interval hours="1"></interval><interval weekDay="Monday"></interval></intervals></frequencyDetails></schedule>`},
	{"every hour over midnight", tableau.Hourly{Start: "22:30:00", End: "01:30:00", Every: time.Hour, Days: []tableau.WeekDay{tableau.Monday}}, `end="01:30:00"`, `end="01:30:00"`},
	{"every hour without days", tableau.Hourly{Start: "06:00:00", End: "22:00:00", Every: time.Hour}, `<interval hours="1">`, "Hourly.Days is empty"},
	{"every hour for a part of one", tableau.Hourly{Start: "06:00:00", End: "22:30:00", Every: time.Hour, Days: []tableau.WeekDay{tableau.Monday}},
		`end="22:30:00"`, "Hourly.End: 22:30:00 is not a whole number of hours after 06:00:00"},
	{"every three hours", tableau.Hourly{Start: "06:00:00", End: "22:00:00", Every: 3 * time.Hour}, "Hourly.Every: 3h0m0s", "Hourly.Every: 3h0m0s"},
	{"hourly without a pause", tableau.Hourly{Start: "06:00:00", End: "22:00:00"}, "Hourly.Every: 0s", "Hourly.Every: 0s"},
	{"hourly without a start", tableau.Hourly{End: "22:00:00", Every: time.Hour}, "Hourly.Start is not set", "Hourly.Start is not set"},
	{"hourly without an end", tableau.Hourly{Start: "06:00:00", Every: time.Hour}, "Hourly.End is not set", "Hourly.End is not set"},
	{"hourly on no day", tableau.Hourly{Start: "06:00:00", End: "22:00:00", Every: time.Hour, Days: []tableau.WeekDay{"Funday"}}, `Hourly.Days: "Funday"`, `Hourly.Days: "Funday"`},

	{"daily", tableau.Daily{Start: "04:30:00"}, `frequency="Daily"><frequencyDetails start="04:30:00"></frequencyDetails>`, "Daily.Days is empty"},
	{"daily on a day", tableau.Daily{Start: "04:30:00", Days: []tableau.WeekDay{tableau.Sunday}}, `<interval weekDay="Sunday">`, `<intervals><interval weekDay="Sunday"></interval></intervals>`},
	{"daily every few hours", tableau.Daily{Start: "04:30:00", End: "20:30:00", Every: 8 * time.Hour, Days: []tableau.WeekDay{tableau.Sunday}},
		`end="20:30:00"`, `<frequencyDetails start="04:30:00" end="20:30:00"><intervals><interval hours="8"></interval><interval weekDay="Sunday"></interval></intervals>`},
	{"daily every day", tableau.Daily{Start: "18:20:00", End: "18:20:00", Every: 24 * time.Hour, Days: []tableau.WeekDay{tableau.Tuesday}}, `hours="24"`, `hours="24"`},
	{"daily off the five minutes", tableau.Daily{Start: "04:31:00", Days: []tableau.WeekDay{tableau.Sunday}}, `start="04:31:00"`, "Daily.Start: 04:31:00"},
	{"daily with an end only", tableau.Daily{Start: "04:30:00", End: "20:30:00", Days: []tableau.WeekDay{tableau.Sunday}}, "Daily.End is set without Daily.Every", "Daily.End is set without Daily.Every"},
	{"daily without an end", tableau.Daily{Start: "04:30:00", Every: 8 * time.Hour, Days: []tableau.WeekDay{tableau.Sunday}}, "Daily.End is not set", "Daily.End is not set"},
	{"daily every three hours", tableau.Daily{Start: "04:30:00", End: "07:30:00", Every: 3 * time.Hour, Days: []tableau.WeekDay{tableau.Sunday}}, "Daily.Every: 3h0m0s", "Daily.Every: 3h0m0s"},
	{"daily at no time", tableau.Daily{Start: "4:30"}, `Daily.Start: "4:30"`, `Daily.Start: "4:30"`},

	{"weekly", tableau.Weekly{Start: "07:00:00", Days: []tableau.WeekDay{tableau.Friday}},
		`frequency="Weekly"><frequencyDetails start="07:00:00"><intervals><interval weekDay="Friday"></interval></intervals></frequencyDetails>`,
		`<schedule frequency="Weekly"><frequencyDetails start="07:00:00"><intervals><interval weekDay="Friday"></interval></intervals></frequencyDetails></schedule>`},
	{"weekly on two days", tableau.Weekly{Start: "07:00:00", Days: []tableau.WeekDay{tableau.Monday, tableau.Friday}}, `<interval weekDay="Monday"></interval><interval weekDay="Friday"></interval>`, "Weekly.Days: only one day"},
	{"weekly twice on a day", tableau.Weekly{Start: "07:00:00", Days: []tableau.WeekDay{tableau.Friday, tableau.Friday}}, "Weekly.Days names Friday twice", "Weekly.Days names Friday twice"},
	{"weekly on no day", tableau.Weekly{Start: "07:00:00"}, "Weekly.Days is empty", "Weekly.Days is empty"},

	{"monthly", tableau.Monthly{Start: "23:30:00", Days: []tableau.MonthDay{tableau.DayOfMonth(1), "15", tableau.LastDay}},
		`frequency="Monthly"><frequencyDetails start="23:30:00"><intervals><interval monthDay="1"></interval><interval monthDay="15"></interval><interval monthDay="LastDay"></interval></intervals>`,
		`<interval monthDay="1"></interval><interval monthDay="15"></interval><interval monthDay="LastDay"></interval>`},
	{"the first Monday", tableau.Monthly{Start: "23:30:00", Days: []tableau.MonthDay{tableau.First}, WeekDay: tableau.Monday},
		`<intervals><interval weekDay="Monday" monthDay="First"></interval></intervals>`, `<intervals><interval weekDay="Monday" monthDay="First"></interval></intervals>`},
	{"monthly on day 32", tableau.Monthly{Start: "23:30:00", Days: []tableau.MonthDay{"32"}}, `Monthly.Days: "32"`, `Monthly.Days: "32"`},
	{"monthly on day 0", tableau.Monthly{Start: "23:30:00", Days: []tableau.MonthDay{"0"}}, `Monthly.Days: "0"`, `Monthly.Days: "0"`},
	{"monthly first of nothing", tableau.Monthly{Start: "23:30:00", Days: []tableau.MonthDay{tableau.First}}, `Monthly.Days: "First"`, `Monthly.Days: "First"`},
	{"the third of Mondays by number", tableau.Monthly{Start: "23:30:00", Days: []tableau.MonthDay{"3"}, WeekDay: tableau.Monday}, `Monthly.Days: "3"`, `Monthly.Days: "3"`},
	{"the first Funday", tableau.Monthly{Start: "23:30:00", Days: []tableau.MonthDay{tableau.First}, WeekDay: "Funday"}, `Monthly.WeekDay: "Funday"`, `Monthly.WeekDay: "Funday"`},
	{"monthly twice on a day", tableau.Monthly{Start: "23:30:00", Days: []tableau.MonthDay{"3", "3"}}, "Monthly.Days names 3 twice", "Monthly.Days names 3 twice"},
	{"monthly on no day", tableau.Monthly{Start: "23:30:00"}, "Monthly.Days is empty", "Monthly.Days is empty"},

	{"none", nil, "needs a Recurrence", "needs a"},
}

func TestRecurrencesOfServerAndCloud(t *testing.T) {
	t.Parallel()
	calls := map[string]struct {
		call func(*tableau.Client, tableau.Recurrence) error
		want func(int) string
	}{
		"schedule": {func(c *tableau.Client, r tableau.Recurrence) error {
			_, err := c.Schedules.Create(t.Context(), tableau.CreateSchedule{Name: "n", Type: tableau.ScheduleExtract, Recurrence: r})
			return err
		}, func(i int) string { return recurrences[i].server }},
		"extract refresh": {func(c *tableau.Client, r tableau.Recurrence) error {
			_, err := c.Tasks.CreateExtractRefresh(t.Context(), tableau.CreateExtractRefresh{WorkbookID: "w", Recurrence: r})
			return err
		}, func(i int) string { return recurrences[i].cloud }},
		"flow run": {func(c *tableau.Client, r tableau.Recurrence) error {
			_, err := c.Tasks.CreateFlowRun(t.Context(), tableau.CreateFlowRun{FlowID: "f", Recurrence: r})
			return err
		}, func(i int) string { return recurrences[i].server }}, // what Cloud refuses is documented only for extract refreshes
		"subscription": {func(c *tableau.Client, r tableau.Recurrence) error {
			_, err := c.Subscriptions.Create(t.Context(), tableau.CreateSubscription{
				Subject: "s", ContentID: "v", ContentType: tableau.SubscribeToView, UserID: "u", Recurrence: r,
			})
			return err
		}, func(i int) string { return recurrences[i].cloud }},
	}
	for name, c := range calls {
		for i, test := range recurrences {
			t.Run(name+"/"+test.name, func(t *testing.T) {
				t.Parallel()
				body, err := sentTo(t, func(client *tableau.Client) error { return c.call(client, test.is) })
				want := c.want(i)
				if strings.ContainsAny(want, "<=") {
					if err != nil || !strings.Contains(body, want) {
						t.Errorf("sent %s, error %v; want it to hold %s", body, err, want)
					}
					return
				}
				if !errors.Is(err, tableau.ErrInvalidArgument) || !strings.Contains(err.Error(), want) || body != "" {
					t.Errorf("error %v after sending %q; want ErrInvalidArgument that says %q after nothing", err, body, want)
				}
			})
		}
	}
}

func TestRecurrencesAsServersTellThem(t *testing.T) {
	t.Parallel()
	tests := map[string]tableau.Recurrence{
		"schedule_get_hourly_id.xml":    tableau.Hourly{Start: "14:00:00", End: "01:00:00", Every: 30 * time.Minute, Days: []tableau.WeekDay{tableau.Monday}},
		"schedule_create_hourly.xml":    tableau.Hourly{Start: "02:30:00", End: "23:00:00", Every: 8 * time.Hour},
		"schedule_get_daily_id.xml":     tableau.Daily{Start: "14:00:00", End: "01:00:00", Every: 2 * time.Hour, Days: []tableau.WeekDay{tableau.Monday}},
		"schedule_create_daily.xml":     tableau.Daily{Start: "04:45:00"},
		"schedule_create_weekly.xml":    tableau.Weekly{Start: "09:15:00", Days: []tableau.WeekDay{tableau.Monday, tableau.Wednesday, tableau.Friday}},
		"schedule_get_monthly_id.xml":   tableau.Monthly{Start: "14:00:00", Days: []tableau.MonthDay{"1", "2"}},
		"schedule_get_monthly_id_2.xml": tableau.Monthly{Start: "08:00:00", Days: []tableau.MonthDay{tableau.First}, WeekDay: tableau.Monday},
		// What cannot be sent back is not made into something that can.
		"schedule_get_customized_monthly_id.xml": nil,
		"schedule_get_by_id.xml":                 nil,
	}
	for name, want := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			schedule, err := serveAsset(t, name).Schedules.Get(t.Context(), "s")
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(want, schedule.Recurrence()); diff != "" {
				t.Errorf("(-want +got)\n%s", diff)
			}
		})
	}
}
