package tableau

// SubscriptionsService calls the subscription methods.
type SubscriptionsService service
