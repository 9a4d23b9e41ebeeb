//! The rules of telling, one a test; and the providers' answers by local receivers.

mod crowd;
mod desk;
mod hour;
mod moves;
mod receiver;
mod slow;
