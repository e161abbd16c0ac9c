//! Journeys through a federation: what people do, end to end, over real TLS and on real databases.

mod approval;
mod books;
mod claims;
mod closed;
mod crash;
mod dirty_file;
mod first_release;
mod history;
mod joined;
mod kill;
mod late;
mod outage;
mod pipes;
mod pressed;
mod register;
mod replay;
mod restored;
mod returned;
mod routine;
mod stated;
mod stores;
mod strangers;
mod succession;
mod tainted;
mod traced;
mod void;
