// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {ERC20} from "@openzeppelin/contracts/token/ERC20/ERC20.sol";
import {ERC20Burnable} from "@openzeppelin/contracts/token/ERC20/extensions/ERC20Burnable.sol";
import {ERC20Permit} from "@openzeppelin/contracts/token/ERC20/extensions/ERC20Permit.sol";

/// @notice OPEN: 1,000,000,000 tokens, minted once to the genesis allocation. There is no mint function.
contract Open is ERC20, ERC20Burnable, ERC20Permit {
    uint256 public constant GENESIS_SUPPLY = 1_000_000_000 ether;

    error AllocationLengths(uint256 holders, uint256 amounts);
    error AllocationTotal(uint256 total, uint256 expected);

    constructor(address[] memory holders, uint256[] memory amounts) ERC20("OpenLedger", "OPEN") ERC20Permit("OpenLedger") {
        if (holders.length != amounts.length) revert AllocationLengths(holders.length, amounts.length);
        for (uint256 i = 0; i < holders.length; i++) _mint(holders[i], amounts[i]);
        if (totalSupply() != GENESIS_SUPPLY) revert AllocationTotal(totalSupply(), GENESIS_SUPPLY);
    }
}
