"""Metrics: consumes every public event and measures how concerns fare.

`domain.fact` is what is known of one concern, `domain.tally` what it adds to the sums, `measures` what each number
means. Times are those in the events, never those of their arrival.
"""
