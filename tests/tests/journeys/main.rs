//! Journeys through a federation: what people do, end to end, over real TLS and on real databases.

mod books;
mod first_release;
mod outage;
mod replay;
