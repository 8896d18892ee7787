-- A parcel of state 3 is at an external broker: it stays until its device reports it, registers anew or it ends.
CREATE INDEX rt_parcel_handed ON rt_parcel (profile, id) WHERE state = 3;
