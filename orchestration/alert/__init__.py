"""What somebody must act on, told to whoever answers for it, once.

`standing(as_of)` derives the causes from logs and contracts, `hold_round(...)` sends what is new,
repeats what stands and says what is over, `after.tell_afterwards` does both when a day is over.
"""
