package wiretest

import (
	"context"
	"iter"
	"maps"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/tabctl/tableau-go/tableau"
)

func init() {
	maps.Copy(aliases, map[string]string{
		"ScheduleItem.schedule_type": "Type",
		"ExtractItem.workbook_id":    "Workbook.ID",
		"ExtractItem.datasource_id":  "DataSource.ID",
	})
	maps.Copy(ourValues, map[string][]string{
		"IntervalItem.Frequency": texts(tableau.FrequencyHourly, tableau.FrequencyDaily, tableau.FrequencyWeekly, tableau.FrequencyMonthly),
		"IntervalItem.Day": append(texts(tableau.LastDay),
			texts(tableau.Monday, tableau.Tuesday, tableau.Wednesday, tableau.Thursday, tableau.Friday, tableau.Saturday, tableau.Sunday)...),
		"ScheduleItem.Type": texts(tableau.ScheduleExtract, tableau.ScheduleFlow, tableau.ScheduleSubscription,
			tableau.ScheduleDataAcceleration, tableau.ScheduleActiveDirectorySync, tableau.ScheduleSystem),
		"ScheduleItem.ExecutionOrder": texts(tableau.Parallel, tableau.Serial),
		"ScheduleItem.State":          texts(tableau.ScheduleActive, tableau.ScheduleSuspended),
	})
}

// A scheduleResult is a schedule with its times as Python shows them.
type scheduleResult struct {
	*tableau.Schedule
	IntervalItem *intervalResult
}

type intervalResult struct {
	StartTime, EndTime string
	Interval           []string
}

// frequencies are those for which Python makes an interval.
var frequencies = []tableau.Frequency{tableau.FrequencyHourly, tableau.FrequencyDaily, tableau.FrequencyWeekly, tableau.FrequencyMonthly}

func scheduleOf(s *tableau.Schedule) *scheduleResult {
	result := &scheduleResult{Schedule: s}
	details := s.Details
	if details.Start == "" || !slices.Contains(frequencies, s.Frequency) {
		return result
	}
	result.IntervalItem = &intervalResult{StartTime: string(details.Start), EndTime: string(details.End)}
	for _, interval := range details.Intervals {
		values := &result.IntervalItem.Interval
		if interval.WeekDay != "" {
			*values = append(*values, string(interval.WeekDay))
		}
		if interval.MonthDay != "" {
			*values = append(*values, string(interval.MonthDay))
		}
		// Python reads the hours of an hourly interval as a text, all others as a float.
		switch {
		case interval.Hours != 0 && s.Frequency == tableau.FrequencyHourly:
			*values = append(*values, strconv.Itoa(interval.Hours))
		case interval.Hours != 0:
			*values = append(*values, pythonFloat(float64(interval.Hours)))
		case interval.Minutes != 0:
			*values = append(*values, pythonFloat(float64(interval.Minutes)/60))
		}
	}
	return result
}

// pythonFloat writes a float as Python does, 2.0.
func pythonFloat(value float64) string {
	text := strconv.FormatFloat(value, 'f', -1, 64)
	if !strings.Contains(text, ".") {
		text += ".0"
	}
	return text
}

// schedulesOf wraps the answer of one schedule.
func schedulesOf(s *tableau.Schedule, err error) (any, error) {
	if err != nil {
		return nil, err
	}
	return scheduleOf(s), nil
}

// listingAs makes a lister whose items are shown in another form.
func listingAs[T, R any](page func(context.Context, tableau.Query) (*tableau.Page[T], error), list func(context.Context, tableau.Query) iter.Seq2[*T, error], show func(*T) R) lister {
	plain := listing(page, list)
	return lister{
		page: func(ctx context.Context, q tableau.Query) (pageResult, error) {
			result, err := plain.page(ctx, q)
			if err != nil {
				return result, err
			}
			var shown []R
			for _, item := range result.Items.([]*T) {
				shown = append(shown, show(item))
			}
			result.Items = shown
			return result, nil
		},
		list: func(ctx context.Context, q tableau.Query) iter.Seq2[any, error] {
			return func(yield func(any, error) bool) {
				for item, err := range plain.list(ctx, q) {
					if err != nil {
						yield(nil, err)
						return
					}
					if !yield(show(item.(*T)), nil) {
						return
					}
				}
			}
		},
	}
}

// recurrence makes our recurrence of Python's interval item; nil when there is none.
func (a arguments) recurrence(name string) tableau.Recurrence {
	item := a.item(name)
	start, end := item.timeOfDay("start_time"), item.timeOfDay("end_time")
	values := item.values("interval_value")
	switch item.text("$item") {
	case "HourlyInterval":
		pause, days := pauseAndDays(values)
		return tableau.Hourly{Start: start, End: end, Every: pause, Days: days}
	case "DailyInterval":
		pause, days := pauseAndDays(values)
		return tableau.Daily{Start: start, End: end, Every: pause, Days: days}
	case "WeeklyInterval":
		_, days := pauseAndDays(values)
		return tableau.Weekly{Start: start, Days: days}
	case "MonthlyInterval":
		monthly := tableau.Monthly{Start: start}
		for _, value := range values {
			if strings.HasSuffix(value, "day") {
				monthly.WeekDay = tableau.WeekDay(value)
			} else {
				monthly.Days = append(monthly.Days, tableau.MonthDay(value))
			}
		}
		return monthly
	}
	return nil
}

func (a arguments) timeOfDay(name string) tableau.TimeOfDay {
	if marker := a.item(name); marker.has("$time") {
		return tableau.TimeOfDay(marker.text("$time"))
	}
	return tableau.TimeOfDay(a.text(name))
}

// values returns a list of texts, where Python also takes a single value.
func (a arguments) values(name string) []string {
	if elements(a[name]) != nil || !a.has(name) {
		return a.texts(name)
	}
	return []string{a.text(name)}
}

// pauseAndDays tells the hours of an interval, which may be a part of one, from its days.
func pauseAndDays(values []string) (pause time.Duration, days []tableau.WeekDay) {
	for _, value := range values {
		if hours, err := strconv.ParseFloat(value, 64); err == nil {
			pause = time.Duration(hours * float64(time.Hour))
		} else {
			days = append(days, tableau.WeekDay(value))
		}
	}
	return pause, days
}

func createSchedule(item arguments) tableau.CreateSchedule {
	priority, _ := item.number("priority")
	return tableau.CreateSchedule{
		Name: item.text("name"), Type: tableau.ScheduleType(item.text("schedule_type")), Priority: priority,
		ExecutionOrder: tableau.ExecutionOrder(item.text("execution_order")), Recurrence: item.recurrence("interval_item"),
	}
}

// updateSchedule does what Python does with an item that was built, or read before.
// Python reads only a part of the answer: the rest stays as it was.
func updateSchedule(ctx context.Context, c *call) (any, error) {
	item := c.args.item("schedule_item")
	if before, ok := c.previous.(*scheduleResult); ok && item == nil {
		update := tableau.ScheduleUpdate{Name: &before.Name, Priority: &before.Priority, State: &before.State, Recurrence: before.Recurrence()}
		if before.ExecutionOrder != "" {
			update.ExecutionOrder = &before.ExecutionOrder
		}
		after, err := c.client.Schedules.Update(ctx, before.ID, update)
		if err != nil {
			return nil, err
		}
		after.ID, after.State, after.CreatedAt = before.ID, before.State, before.CreatedAt
		return &scheduleResult{after, before.IntervalItem}, nil
	}
	update := tableau.ScheduleUpdate{
		Name: optional[string](item, "name"), ExecutionOrder: optional[tableau.ExecutionOrder](item, "execution_order"),
		State: optional[tableau.ScheduleState](item, "state"), Recurrence: item.recurrence("interval_item"),
	}
	if priority, ok := item.number("priority"); ok {
		update.Priority = &priority
	}
	after, err := c.client.Schedules.Update(ctx, item.text("id"), update)
	if err != nil {
		return nil, err
	}
	after.ID, after.State, after.CreatedAt = item.text("id"), tableau.ScheduleState(item.text("state")), time.Time{}
	result := &scheduleResult{Schedule: after}
	if interval := item.item("interval_item"); interval != nil {
		result.IntervalItem = &intervalResult{string(interval.timeOfDay("start_time")), string(interval.timeOfDay("end_time")), interval.values("interval_value")}
	}
	return result, nil
}

// An addResult is what Python tells of something that was not added cleanly.
type addResult struct {
	Result, TaskCreated bool
	Error               string
	Warnings            []string
}

func addToSchedule(ctx context.Context, c *call) (any, error) {
	if err := c.args.only("schedule_id", "workbook", "datasource", "flow", "task_type"); err != nil {
		return nil, err
	}
	schedule, kind := c.args.text("schedule_id"), tableau.TaskKind(c.args.text("task_type"))
	var results []addResult
	for _, content := range []struct {
		name string
		add  func(id string) (*tableau.AddedTask, error)
	}{
		{"workbook", func(id string) (*tableau.AddedTask, error) {
			return c.client.Schedules.AddWorkbook(ctx, schedule, id, kind)
		}},
		{"datasource", func(id string) (*tableau.AddedTask, error) {
			if kind != "" && kind != tableau.TaskExtractRefresh {
				return nil, noCounterpart("a data source with a task of another kind")
			}
			return c.client.Schedules.AddDataSource(ctx, schedule, id)
		}},
		{"flow", func(id string) (*tableau.AddedTask, error) { return c.client.Schedules.AddFlow(ctx, schedule, id) }},
	} {
		if !c.args.has(content.name) {
			continue
		}
		added, err := content.add(c.args.id(content.name))
		if err != nil {
			return nil, err
		}
		if len(added.Warnings) > 0 {
			result := addResult{TaskCreated: added.Task.Kind != ""}
			for _, warning := range added.Warnings {
				result.Warnings = append(result.Warnings, warning.Message)
			}
			results = append(results, result)
		}
	}
	return results, nil
}

// addItem adds what other resources of Python call their item.
func addItem(ctx context.Context, c *call, content string) (any, error) {
	if err := c.args.only("schedule_id", "item"); err != nil {
		return nil, err
	}
	added := *c
	added.args = arguments{"schedule_id": c.args["schedule_id"], content: c.args["item"]}
	return addToSchedule(ctx, &added)
}

var _ = register(listAdapters("schedules", func(c *call) (lister, error) {
	return listingAs(c.client.Schedules.Page, c.client.Schedules.List, scheduleOf), nil
}))

var _ = register(map[string]adapter{
	"schedules.get_by_id": func(ctx context.Context, c *call) (any, error) {
		return schedulesOf(c.client.Schedules.Get(ctx, c.args.text("schedule_id")))
	},
	"schedules.create": func(ctx context.Context, c *call) (any, error) {
		return schedulesOf(c.client.Schedules.Create(ctx, createSchedule(c.args.item("schedule_item"))))
	},
	"schedules.update": updateSchedule,
	"schedules.delete": func(ctx context.Context, c *call) (any, error) {
		return nil, c.client.Schedules.Delete(ctx, c.args.text("schedule_id"))
	},
	"schedules.add_to_schedule": addToSchedule,
	"workbooks.schedule_extract_refresh": func(ctx context.Context, c *call) (any, error) {
		return addItem(ctx, c, "workbook")
	},
	"datasources.schedule_extract_refresh": func(ctx context.Context, c *call) (any, error) {
		return addItem(ctx, c, "datasource")
	},
	"flows.schedule_flow_run": func(ctx context.Context, c *call) (any, error) {
		return addItem(ctx, c, "flow")
	},
	"schedules.get_extract_refresh_tasks": func(ctx context.Context, c *call) (any, error) {
		if err := c.args.only("schedule_id", "req_options"); err != nil {
			return nil, err
		}
		q, err := optionsQuery(c.args.item("req_options"))
		if err != nil {
			return nil, err
		}
		page, err := c.client.Schedules.ExtractRefreshesPage(ctx, c.args.text("schedule_id"), q)
		if err != nil {
			return nil, err
		}
		return pageResult{page.Items, page.Number, page.Size, page.Total}, nil
	},
	"schedules.batch_update_state": func(ctx context.Context, c *call) (any, error) {
		if err := c.args.only("schedules", "state", "update_all"); err != nil {
			return nil, err
		}
		state := tableau.ScheduleState(c.args.text("state"))
		if c.args.flag("update_all") {
			return c.client.Schedules.SetStateOfAll(ctx, state)
		}
		var ids []string
		for _, schedule := range elements(c.args["schedules"]) {
			ids = append(ids, arguments{"schedule": schedule}.id("schedule"))
		}
		return c.client.Schedules.SetState(ctx, state, ids...)
	},
	"model.ScheduleItem": func(ctx context.Context, c *call) (any, error) {
		schedule := createSchedule(c.args.item("item"))
		if schedule.Recurrence == nil {
			schedule.Recurrence = tableau.Daily{Start: "04:30:00"}
		}
		return schedulesOf(c.client.Schedules.Create(ctx, schedule))
	},
	"model.HourlyInterval":  scheduleAt,
	"model.DailyInterval":   scheduleAt,
	"model.WeeklyInterval":  scheduleAt,
	"model.MonthlyInterval": scheduleAt,
})

// scheduleAt makes a schedule with a Python interval: here it is checked when it is sent.
func scheduleAt(ctx context.Context, c *call) (any, error) {
	return schedulesOf(c.client.Schedules.Create(ctx, tableau.CreateSchedule{
		Name: "s", Type: tableau.ScheduleExtract, Recurrence: c.args.recurrence("item"),
	}))
}
