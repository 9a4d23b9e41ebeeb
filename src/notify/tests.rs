//! The rules of telling, one a test; and the providers' answers by local receivers.

mod desk;
mod hour;
mod receiver;
