package tableau

// SchedulesService calls the schedule methods.
type SchedulesService service
