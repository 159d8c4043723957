//! Macros that turn the declaration of a wire type into the type and its codec.
//!
//! A declaration is the only place where a constructor's number stands. `= 3` means "3 in every GHC version";
//! `= [3, -]` has a column per version, `-` where the version lacks the constructor. A number used twice does not
//! compile. From the same declaration come the encoder, the decoder, the visitor of remote handles and, for tests, the
//! generator of random values.

/// The tag columns of a row.
macro_rules! columns {
    (@one -) => { None };
    (@one $tag:literal) => { Some($tag) };
    ([$($tag:tt),+ $(,)?]) => { [$($crate::protocol::declare::columns!(@one $tag)),+] };
    ($tag:literal) => { [Some($tag); $crate::protocol::version::GhcVersion::COUNT] };
}

/// A type with one constructor: its fields in order, no tag.
macro_rules! wire_struct {
    (
        $(#[$meta:meta])*
        $name:ident $(<$param:ident>)? {
            $( $(#[$field_meta:meta])* $field:ident: $ty:ty ),* $(,)?
        }
    ) => {
        #[derive(Clone, Debug, PartialEq, Eq, Hash, ::serde::Serialize, ::serde::Deserialize)]
        $(#[$meta])*
        #[allow(missing_docs, reason = "fields are named as GHC's constructors are documented")]
        pub struct $name $(<$param>)? {
            $( $(#[$field_meta])* pub $field: $ty, )*
        }

        impl $(<$param: $crate::protocol::Binary>)? $crate::protocol::Binary for $name $(<$param>)? {
            #[allow(unused_variables, reason = "types without fields")]
            fn put(&self, e: &mut $crate::protocol::Encoder) {
                $( $crate::protocol::Binary::put(&self.$field, e); )*
            }

            #[allow(unused_variables, reason = "types without fields")]
            fn get(d: &mut $crate::protocol::Decoder<'_>) -> Result<Self, $crate::protocol::DecodeError> {
                Ok($name { $( $field: $crate::protocol::Binary::get(d)?, )* })
            }

            #[allow(unused_variables, reason = "types without fields")]
            fn visit_handles(&mut self, visit: &mut dyn FnMut($crate::protocol::Handle<'_>)) {
                $( $crate::protocol::Binary::visit_handles(&mut self.$field, visit); )*
            }
        }

        #[cfg(test)]
        impl $(<$param: $crate::protocol::sample::Sample>)? $crate::protocol::sample::Sample for $name $(<$param>)? {
            #[allow(unused_variables, reason = "types without fields")]
            fn sample(g: &mut $crate::protocol::sample::Gen<'_>) -> Self {
                $name { $( $field: $crate::protocol::sample::Sample::sample(g), )* }
            }
        }
    };
}

/// A type with several constructors: a tag, then the fields of the constructor.
macro_rules! wire_sum {
    (
        $(#[$meta:meta])*
        $name:ident $(<$param:ident>)? {
            $(
                $(#[$con_meta:meta])*
                $con:ident = $tag:tt
                $( ( $($pos:ident: $pos_ty:ty),+ ) )?
                $( { $( $(#[$field_meta:meta])* $field:ident: $ty:ty ),+ $(,)? } )?
            ),+ $(,)?
        }
    ) => {
        #[derive(Clone, Debug, PartialEq, Eq, Hash, ::serde::Serialize, ::serde::Deserialize)]
        #[allow(clippy::enum_variant_names, reason = "GHC's names")]
        $(#[$meta])*
        pub enum $name $(<$param>)? {
            $(
                $(#[$con_meta])*
                $con $( ( $($pos_ty),+ ) )? $( { $( $(#[$field_meta])* $field: $ty, )+ } )?,
            )+
        }

        const _: () = {
            #[derive(Clone, Copy)]
            #[allow(clippy::enum_variant_names, reason = "GHC's names")]
            enum Row { $($con),+ }

            const ROWS: &[($crate::protocol::version::Tags, Row)] =
                &[$( ($crate::protocol::declare::columns!($tag), Row::$con) ),+];

            assert!($crate::protocol::version::check_tags_distinct(ROWS));

            impl $(<$param: $crate::protocol::Binary>)? $crate::protocol::Binary for $name $(<$param>)? {
                fn put(&self, e: &mut $crate::protocol::Encoder) {
                    match self {
                        $( $name::$con $( ( $($pos),+ ) )? $( { $($field),+ } )? => {
                            e.tag(&ROWS[Row::$con as usize].0, stringify!($con));
                            $( $( $crate::protocol::Binary::put($pos, e); )+ )?
                            $( $( $crate::protocol::Binary::put($field, e); )+ )?
                        } )+
                    }
                }

                fn get(d: &mut $crate::protocol::Decoder<'_>) -> Result<Self, $crate::protocol::DecodeError> {
                    let row = d.tag(stringify!($name), ROWS)?;
                    d.nested(stringify!($name), |d| {
                        let _ = &d;
                        Ok(match row {
                            $( Row::$con => {
                                $( $( let $pos = $crate::protocol::Binary::get(d)?; )+ )?
                                $( $( let $field = $crate::protocol::Binary::get(d)?; )+ )?
                                $name::$con $( ( $($pos),+ ) )? $( { $($field),+ } )?
                            } )+
                        })
                    })
                }

                #[allow(unused_variables, reason = "types without fields")]
                fn visit_handles(&mut self, visit: &mut dyn FnMut($crate::protocol::Handle<'_>)) {
                    match self {
                        $( $name::$con $( ( $($pos),+ ) )? $( { $($field),+ } )? => {
                            $( $( $crate::protocol::Binary::visit_handles($pos, visit); )+ )?
                            $( $( $crate::protocol::Binary::visit_handles($field, visit); )+ )?
                        } )+
                    }
                }
            }

            #[cfg(test)]
            impl $(<$param: $crate::protocol::sample::Sample>)? $crate::protocol::sample::Sample
                for $name $(<$param>)?
            {
                fn sample(g: &mut $crate::protocol::sample::Gen<'_>) -> Self {
                    const FIELDS: &[(Row, usize)] = &[$( (
                        Row::$con,
                        <[&str]>::len(&[$( $(stringify!($pos)),+ )? $( $(stringify!($field)),+ )?]),
                    ) ),+];
                    g.nested(|g| match g.constructor(FIELDS) {
                        $( Row::$con => {
                            $( $( let $pos = $crate::protocol::sample::Sample::sample(g); )+ )?
                            $( $( let $field = $crate::protocol::sample::Sample::sample(g); )+ )?
                            $name::$con $( ( $($pos),+ ) )? $( { $($field),+ } )?
                        } )+
                    })
                }
            }
        };
    };
}

pub(crate) use {columns, wire_struct, wire_sum};
