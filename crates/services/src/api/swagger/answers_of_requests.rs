//! The shapes of service requests and their parts as they are answered.

use super::schema::{Is, Member, Shape, may, nullable, shown};
use crate::rules::RequestStatus;

const ID: Member = shown("Id", Is::Id);
/// A recovery is a request of no service.
const SERVICE: Member = shown("ServiceId", Is::IdOrNone);
const REQUEST: Member = shown("ServiceRequestId", Is::Id);
const ENGLISH: Member = shown("EnglishDisplayName", Is::Text);
const FRENCH: Member = shown("FrenchDisplayName", Is::Text);
const CLOCK: Is = Is::Word(&["ON", "OFF"]);

const ENTRY: [Member; 7] = [
    shown("ServiceHistoryEntryId", Is::Id),
    shown("Status", Is::Word(RequestStatus::WORDS)),
    ENGLISH,
    FRENCH,
    shown("Date", Is::Stamp),
    shown("ServiceCategoryCode", CLOCK),
    shown("ServiceStandardId", Is::IdOrNone),
];

/// The shapes.
pub(super) const ANSWERS: &[Shape] = &[
    (
        "ServiceRequest",
        &[
            ID,
            shown("Guid", Is::Text),
            shown("UserId", Is::Id),
            SERVICE,
            nullable("OrganizationId", Is::Id),
            shown("RequestStatus", Is::Word(RequestStatus::WORDS)),
            ENGLISH,
            FRENCH,
            nullable("MetadataStructureId", Is::Id),
            nullable("ServiceAttributeId", Is::Id),
            nullable("ServiceFeeId", Is::Id),
            nullable("Comment", Is::Text),
            nullable("RequesterId", Is::Id),
            nullable("RequesterOrganizationId", Is::Id),
            nullable("MailCoordinateId", Is::Id),
            nullable("PlaceOfSupply", Is::Text),
            shown("ServiceStandardId", Is::IdOrNone),
            shown("Metadata", Is::Any),
            nullable("RegulatedEntities", Is::Many("StoredRegulatedEntity")),
            // Only where the query asks for it.
            may("StatusHistory", Is::Many("StatusHistoryEntry")),
            shown("DateUpdated", Is::Stamp),
            shown("DateUpdatedUtc", Is::Stamp),
        ],
    ),
    (
        "ServiceRequestCollection",
        &[
            shown("ServiceRequests", Is::Many("ServiceRequest")),
            shown("Count", Is::Int),
            shown("Page", Is::Int),
            shown("HasMore", Is::Flag),
        ],
    ),
    ("ServiceRequestCreated", &[REQUEST]),
    (
        "ServiceRequestStatus",
        &[
            shown("Id", Is::IdOrNone),
            shown("Name", Is::Word(RequestStatus::WORDS)),
            ENGLISH,
            FRENCH,
            nullable("ServiceCategoryCode", CLOCK),
        ],
    ),
    ("StatusHistoryEntry", &ENTRY),
    (
        "StatusHistoryEntryEx",
        &[
            ENTRY[0],
            ENTRY[1],
            ENTRY[2],
            ENTRY[3],
            ENTRY[4],
            ENTRY[5],
            ENTRY[6],
            shown("UserId", Is::IdOrNone),
            nullable("UserName", Is::Text),
            shown("DateUtc", Is::Stamp),
            nullable("Comment", Is::Text),
            nullable("ServiceStandardEnglishName", Is::Text),
            nullable("ServiceStandardFrenchName", Is::Text),
            shown("ElapsedDays", Is::Int),
        ],
    ),
    (
        "StoredRegulatedEntity",
        &[
            shown("Value", Is::Text),
            SERVICE,
            shown("RegulatedEntityTypeCode", Is::Text),
            shown("RegulatedEntityIdTypeCode", Is::Text),
            shown("SortOrder", Is::Int),
            ENGLISH,
            FRENCH,
        ],
    ),
    ("TransferStarted", &[shown("TransferCode", Is::Text), shown("ExpiryDateUtc", Is::Stamp)]),
    (
        "UserAssignment",
        &[
            shown("UserId", Is::Id),
            shown("FirstName", Is::Text),
            shown("LastName", Is::Text),
            nullable("Email", Is::Text),
            nullable("AssignedByUserId", Is::Id),
            shown("DateUtc", Is::Stamp),
        ],
    ),
    (
        "ArtifactInfo",
        &[
            ID,
            REQUEST,
            shown("ArtifactType", Is::Text),
            nullable("RdimsReference", Is::Text),
            shown("DocumentVersion", Is::Text),
            shown("IsDeleted", Is::Flag),
        ],
    ),
    (
        "FileAttachment",
        &[
            ID,
            REQUEST,
            shown("Name", Is::Text),
            shown("Size", Is::Int),
            shown("ContentType", Is::Text),
            nullable("Data", Is::Text),
        ],
    ),
    (
        "StoredInvoice",
        &[
            ID,
            REQUEST,
            shown("Number", Is::Text),
            nullable("PaymentReferenceNumber", Is::Text),
            nullable("Amount", Is::Number),
            nullable("Date", Is::Stamp),
        ],
    ),
    ("VirusScan", &[shown("IsClean", Is::Flag), shown("Hash", Is::Text), nullable("Threat", Is::Text)]),
];
