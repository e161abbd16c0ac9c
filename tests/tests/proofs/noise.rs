//! That what a borough releases is its strategy values plus fresh noise of exactly the scale it paid for.

use std::{
    cell::RefCell,
    collections::BTreeMap,
};

use rand::{RngExt as _, SeedableRng as _};
use rand_chacha::ChaCha8Rng;
use tenfold_common::{
    privacy::Table,
    protocol::{release::ReleaseBody, statement::STATEMENT_LIFE_S},
};
use tenfold_node::release::noise::{DiscreteGaussian, NoiseError, NoiseSource};

use crate::{
    borough::{BoroughNode, Region, first_quarter},
    chi_squared, families,
};

const QUARTERS: i32 = 6;
/// Bury and Trafford, by ward the smallest borough and one of the larger.
const BOROUGHS: [&str; 2] = ["E08000002", "E08000009"];
/// Probability with which one comparison rejects a correct program.
const FALSE_ALARM: f64 = 1e-6;
