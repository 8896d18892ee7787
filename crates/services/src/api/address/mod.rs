//! The Address controller: countries and their subdivisions (spec 3.2, 4.1, 4.5).

mod countries;
mod country;
mod province;
mod provinces;
mod shape;
mod subdivision;
mod subdivisions;

use waypost_status::MtapiCode;

use super::operation::{Operation, Param};
use crate::rules::{Area, Grant};

const READ: Grant = Grant::read(Area::Address);
const COUNTRY: Param = Param::path_text("code").or(MtapiCode::MissingCountryIsoCode);
const PART: Param = Param::path_text("subCode").or(MtapiCode::MissingCountrySubdivisionCode);

pub(super) const OPERATIONS: &[Operation] = &[
    Operation::get("/api/v1/countries", READ, |call| Box::pin(countries::handle(call)))
        .fails(MtapiCode::GetCountriesFailed)
        .gives("Country[]")
        .does("Lists the countries."),
    Operation::get("/api/v1/countries/{code}", READ, |call| Box::pin(country::handle(call)))
        .takes(&[COUNTRY])
        .fails(MtapiCode::GetCountryFailed)
        .gives("Country")
        .does("Gets a country."),
    Operation::get("/api/v1/countries/{code}/subdivisions", READ, |call| {
        Box::pin(subdivisions::handle(call))
    })
    .takes(&[COUNTRY])
    .fails(MtapiCode::GetCountrySubdivisionsFailed)
    .gives("Subdivision[]")
    .does("Lists the subdivisions of a country."),
    Operation::get("/api/v1/countries/{code}/subdivisions/{subCode}", READ, |call| {
        Box::pin(subdivision::handle(call))
    })
    .takes(&[COUNTRY, PART])
    .fails(MtapiCode::GetCountrySubdivisionsFailed)
    .gives("Subdivision")
    .does("Gets a subdivision of a country."),
    Operation::get("/api/v1/provinces", READ, |call| Box::pin(provinces::handle(call)))
        .fails(MtapiCode::GetCanadianProvincesFailed)
        .gives("Subdivision[]")
        .does("Lists the provinces and territories of Canada."),
    Operation::get("/api/v1/provinces/{id}", READ, |call| Box::pin(province::handle(call)))
        .takes(&[Param::path_text("id")])
        .fails(MtapiCode::GetCanadianProvinceFailed)
        .gives("Subdivision")
        .does("Gets a province or territory of Canada."),
];
