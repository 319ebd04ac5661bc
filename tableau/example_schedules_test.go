package tableau_test

import (
	"context"
	"fmt"
	"time"

	"github.com/tabctl/tableau-go/tableau"
)

// exampleSchedule makes a schedule, which takes a server administrator; remove deletes it.
func exampleSchedule(create tableau.CreateSchedule) (made *tableau.Schedule, remove func()) {
	admin := server().DefaultSite()
	c := must(tableau.New(server().URL, tableau.WithCredentials(tableau.Password{Name: admin.AdminName, Password: admin.AdminPassword})))
	made = must(c.Schedules.Create(context.Background(), create))
	return made, func() {
		if err := c.Schedules.Delete(context.Background(), made.ID); err != nil {
			panic(err)
		}
	}
}

func ExampleSchedulesService_Get() {
	ctx := context.Background()
	c, _, _ := exampleClient()
	made, remove := exampleSchedule(tableau.CreateSchedule{
		Name: "Month's end", Type: tableau.ScheduleExtract,
		Recurrence: tableau.Monthly{Start: "22:00:00", Days: []tableau.MonthDay{tableau.LastDay}},
	})
	defer remove()

	schedule, err := c.Schedules.Get(ctx, made.ID)
	if err != nil {
		panic(err)
	}
	if monthly, ok := schedule.Recurrence().(tableau.Monthly); ok {
		fmt.Println(schedule.Name, schedule.State, monthly.Start, monthly.Days)
	}
	// Output: Month's end Active 22:00:00 [LastDay]
}

func ExampleTasksService_Run() {
	ctx := context.Background()
	c, _, workbookID := exampleClient()
	schedule, remove := exampleSchedule(tableau.CreateSchedule{Name: "Every night", Type: tableau.ScheduleExtract, Recurrence: tableau.Daily{Start: "02:00:00"}})
	defer remove()

	extract := must(c.Workbooks.CreateExtract(ctx, workbookID, tableau.EmbeddedDataSources{All: true}, false))
	must(c.Jobs.Wait(ctx, extract.ID, tableau.WaitOptions{Interval: 10 * time.Millisecond}))
	added, err := c.Schedules.AddWorkbook(ctx, schedule.ID, workbookID, tableau.TaskExtractRefresh)
	if err != nil {
		panic(err)
	}
	job, err := c.Tasks.Run(ctx, tableau.TaskExtractRefresh, added.Task.ID) // without waiting for the night
	if err != nil {
		panic(err)
	}
	done, err := c.Jobs.Wait(ctx, job.ID, tableau.WaitOptions{Interval: 10 * time.Millisecond})
	if err != nil {
		panic(err)
	}
	fmt.Println(done.Type, done.Progress, done.Refresh.Workbook.Name)
	// Output: RefreshExtract 100 Deliveries
}

func ExampleSubscriptionsService_Create() {
	ctx := context.Background()
	c, _, workbookID := exampleClient()
	schedule, remove := exampleSchedule(tableau.CreateSchedule{
		Name: "Monday mornings", Type: tableau.ScheduleSubscription,
		Recurrence: tableau.Weekly{Start: "07:00:00", Days: []tableau.WeekDay{tableau.Monday}},
	})
	defer remove()
	session, _ := c.Session()

	subscription, err := c.Subscriptions.Create(ctx, tableau.CreateSubscription{
		Subject: "Deliveries of the week", ContentID: workbookID, ContentType: tableau.SubscribeToWorkbook,
		UserID: session.UserID, ScheduleID: schedule.ID, AttachPDF: new(true), PageType: tableau.PageA4,
	})
	if err != nil {
		panic(err)
	}
	fmt.Println(subscription.Subject, "on", subscription.Schedule.Name)
	// Output: Deliveries of the week on Monday mornings
}
