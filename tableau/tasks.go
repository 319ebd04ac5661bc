package tableau

// TasksService calls the task methods.
type TasksService service
