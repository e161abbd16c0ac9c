//! Shares and rates: families in one cell over those in another, of a borough or of the region.

use tenfold_common::{geography::BoroughCode, statistics::Ratio};

use super::{Area, Cell, CombineError, Combined, Reading, Span};

/// What is counted: a cell of a stream.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Counted<'a> {
    /// The stream.
    pub stream: &'a str,
    /// The cell.
    pub cell: Cell,
}

impl<'a> Counted<'a> {
    /// All families of a stream.
    pub fn all(stream: &'a str) -> Self {
        Self { stream, cell: Cell::Total }
    }
}

/// A ratio as far as it can be read.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct RatioReading {
    /// Over the boroughs of which both can be read; none where there is no such borough.
    pub ratio: Option<Ratio>,
    /// What is divided by, with the boroughs that are missing, void or opening there.
    pub whole: Reading,
}

impl Combined {
    /// A ratio of an area; a region's is the sum of the one over the sum of the other, over the boroughs of which both
    /// can be read. Streams draw their noise independently; within a stream the noise of the whole is in its part, too.
    ///
    /// # Errors
    /// Where there is no such stream or cell, or of one stream the part is none of the whole.
    pub fn ratio(
        &self,
        area: &Area,
        part: Counted<'_>,
        whole: Counted<'_>,
        span: Span,
    ) -> Result<RatioReading, CombineError> {
        let mut own = Vec::new();
        for borough in self.within(area) {
            own.extend(self.own_ratio(borough, part, whole, self.own_span(borough, span))?);
        }
        let ratio = (!own.is_empty()).then(|| Ratio::sum(own));
        Ok(RatioReading { ratio, whole: self.reading(area, whole.stream, whole.cell, span)? })
    }

    fn own_ratio(
        &self,
        borough: &BoroughCode,
        part: Counted<'_>,
        whole: Counted<'_>,
        span: Span,
    ) -> Result<Option<Ratio>, CombineError> {
        let figure = |counted: Counted<'_>| self.figure(borough, counted.stream, counted.cell, span);
        let (Some(of_part), Some(of_whole)) = (figure(part)?, figure(whole)?) else { return Ok(None) };
        let covariance = match part.stream == whole.stream {
            true => self.covariance(borough, part.stream, (part.cell, whole.cell), span)?,
            false => 0.0,
        };
        Ok(Some(Ratio { part: of_part, whole: of_whole, covariance }))
    }
}
