"""What a Django project looks like that nobody has tuned: the measure for our webhooks."""
