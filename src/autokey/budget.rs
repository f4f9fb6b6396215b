//! Limits on the cost of reading a file of private keys.
//!
//! The file determines the cost of deriving the key from the password, the length of its numbers and the number of
//! keys; without limits it could stall the program for hours or exhaust memory.

use super::AutokeyError;
use super::dsa::MAX_DSA_BITS;
use super::number::Number;
use pkcs8::EncryptedPrivateKeyInfoRef;
use pkcs8::pkcs5::pbes2::Kdf;

/// The maximum number of PBKDF2 rounds for a whole file: a few seconds. OpenSSL uses 2048 per key.
const MAX_ROUNDS: u64 = 10_000_000;

/// The maximum memory for scrypt in octets, as in OpenSSL (`SCRYPT_MAX_MEM`).
const MAX_SCRYPT_MEMORY: u64 = 32 << 20;

/// Octets of memory for each unit of scrypt's cost and block size (RFC 7914 section 2).
const SCRYPT_UNIT: u64 = 128;

/// The maximum number of octets that scrypt processes for a whole file, all lanes of all keys together: a few seconds.
const MAX_SCRYPT_WORK: u64 = 16 * MAX_SCRYPT_MEMORY;

/// The remaining budget.
pub(super) struct Budget {
    rounds: u64,
    scrypt: u64,
    arithmetic: u64,
}

impl Default for Budget {
    fn default() -> Self {
        // Enough for the largest key, and for the maximum number of MV clients.
        let arithmetic = MAX_DSA_BITS.pow(3);
        Self { rounds: MAX_ROUNDS, scrypt: MAX_SCRYPT_WORK, arithmetic }
    }
}

impl Budget {
    /// Charges the derivation of the key that encrypts a block.
    ///
    /// # Errors
    /// [`AutokeyError::Costly`] if the budget is exhausted; [`AutokeyError::Encryption`] for an unknown derivation.
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
                if memory > MAX_SCRYPT_MEMORY {
                    return Err(AutokeyError::Costly);
                }
                spend(&mut self.scrypt, memory * u64::from(parameters.parallelization))
            }
            _ => Err(AutokeyError::Encryption),
        }
    }

    /// Charges an exponentiation whose exponent is as long as its modulus.
    ///
    /// # Errors
    /// [`AutokeyError::TooManyBits`] for a modulus that is too long by itself, [`AutokeyError::Costly`] if the budget is
    /// exhausted.
    pub(super) fn spend_on_power(&mut self, modulus: &Number) -> Result<(), AutokeyError> {
        if modulus.bits() > MAX_DSA_BITS {
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
    use crate::autokey::mv::MAX_CLIENTS;

    #[test]
    fn the_largest_files_that_are_made_can_be_read() {
        let mut budget = Budget::default();
        // An MV file: authority, server, clients. Its modulus is twice the product of primes with 2048 bits, plus 1.
        for _ in 0..MAX_CLIENTS + 2 {
            assert_eq!(budget.spend_on_power(&Number::from_octets(&[0xff; 256])), Ok(()));
        }
        let largest = Number::from_octets(&[0xff; 1250]);
        assert_eq!(largest.bits(), MAX_DSA_BITS);
        assert_eq!(budget.spend_on_power(&largest), Err(AutokeyError::Costly));
        assert_eq!(Budget::default().spend_on_power(&largest), Ok(()));
    }
}
