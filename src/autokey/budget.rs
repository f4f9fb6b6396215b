//! What reading a file of private keys may cost.
//!
//! The file says how hard its password is to derive, how long its numbers are, and how many keys it holds; without
//! limits it could hold up the program for hours, or take all memory.

use super::AutokeyError;
use super::dsa::MOST_DSA_BITS;
use super::number::Number;
use pkcs8::EncryptedPrivateKeyInfoRef;
use pkcs8::pkcs5::pbes2::Kdf;

/// The most rounds of PBKDF2 for a whole file: some seconds. OpenSSL writes 2048 a key.
const MOST_ROUNDS: u64 = 10_000_000;

/// The most memory for scrypt, in octets, as OpenSSL has it (`SCRYPT_MAX_MEM`).
const MOST_SCRYPT_MEMORY: u64 = 32 << 20;

/// Octets of memory for each unit of scrypt's cost and block size (RFC 7914 section 2).
const SCRYPT_UNIT: u64 = 128;

/// The most octets that scrypt goes through for a whole file, all lanes of all keys together: some seconds.
const MOST_SCRYPT_WORK: u64 = 16 * MOST_SCRYPT_MEMORY;

/// What is left of it.
pub(super) struct Budget {
    rounds: u64,
    scrypt: u64,
    arithmetic: u64,
}

impl Default for Budget {
    fn default() -> Self {
        // As much arithmetic as the largest key takes: enough for all of the most clients of MV.
        let arithmetic = MOST_DSA_BITS.pow(3);
        Self { rounds: MOST_ROUNDS, scrypt: MOST_SCRYPT_WORK, arithmetic }
    }
}

impl Budget {
    /// Takes away what it costs to derive the key that a block is encrypted with.
    ///
    /// # Errors
    /// [`AutokeyError::Costly`] if there is less left; [`AutokeyError::Encryption`] if it is unknown how it is derived.
    pub(super) fn spend_on_password(
        &mut self,
        info: &EncryptedPrivateKeyInfoRef<'_>,
    ) -> Result<(), AutokeyError> {
        let parameters = info.encryption_algorithm.pbes2().ok_or(AutokeyError::Encryption)?;
        match &parameters.kdf {
            Kdf::Pbkdf2(parameters) => spend(&mut self.rounds, parameters.iteration_count.into()),
            Kdf::Scrypt(parameters) => {
                let block = SCRYPT_UNIT * u64::from(parameters.block_size);
                let memory = parameters.cost_parameter.saturating_mul(block);
                if memory > MOST_SCRYPT_MEMORY {
                    return Err(AutokeyError::Costly);
                }
                spend(&mut self.scrypt, memory * u64::from(parameters.parallelization))
            }
            _ => Err(AutokeyError::Encryption),
        }
    }

    /// Takes away what a power with an exponent as long as its modulus costs.
    ///
    /// # Errors
    /// [`AutokeyError::TooManyBits`] for a modulus that is too long alone, [`AutokeyError::Costly`] if there is less left.
    pub(super) fn spend_on_power(&mut self, modulus: &Number) -> Result<(), AutokeyError> {
        if modulus.bits() > MOST_DSA_BITS {
            return Err(AutokeyError::TooManyBits);
        }
        spend(&mut self.arithmetic, modulus.bits().pow(3))
    }
}

fn spend(left: &mut u64, cost: u64) -> Result<(), AutokeyError> {
    *left = left.checked_sub(cost).ok_or(AutokeyError::Costly)?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::autokey::mv::MOST_CLIENTS;

    #[test]
    fn the_largest_files_that_are_made_can_be_read() {
        let mut budget = Budget::default();
        // An MV file: authority, server, clients. Its modulus is twice the product of primes of 2048 bits, and 1.
        for _ in 0..MOST_CLIENTS + 2 {
            assert_eq!(budget.spend_on_power(&Number::from_octets(&[0xff; 256])), Ok(()));
        }
        let largest = Number::from_octets(&[0xff; 1250]);
        assert_eq!(largest.bits(), MOST_DSA_BITS);
        assert_eq!(budget.spend_on_power(&largest), Err(AutokeyError::Costly));
        assert_eq!(Budget::default().spend_on_power(&largest), Ok(()));
    }
}
